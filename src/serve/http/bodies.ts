import type { FastifyInstance, FastifyRequest } from 'fastify';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { fail } from '../../common/errors.js';

const DECODERS: Record<string, typeof gunzip | undefined> = { gzip: gunzip, deflate: inflate };

/** Every body reaches its route as bytes, whatever its type says; gzip and deflate are undone within the same limit. */
export function readBodies(app: FastifyInstance, limit: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
    return encoding === 'identity' ? body : decompress(body, encoding, limit);
  });
}

async function decompress(body: Buffer, encoding: string, limit: number): Promise<Buffer> {
  const decoder = DECODERS[encoding];
  if (!decoder)
    fail('E_SERVE_ENCODING', { where: 'content-encoding', expected: 'gzip, deflate or none', got: `"${encoding}"` });
  try {
    return await promisify<Buffer, object, Buffer>(decoder)(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      fail('E_SERVE_BODY', { where: 'body', expected: `at most ${limit} bytes`, got: 'more, once decompressed' });
    fail('E_SERVE_ENCODING', { where: 'body', expected: encoding, got: `${body.length} bytes that do not decompress` });
  }
}

/** The body of a request; empty where there is none. */
export function bytesOf(request: { body: unknown }): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}
