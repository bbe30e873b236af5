import type { FastifyInstance, FastifyRequest } from 'fastify';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { fail } from '../../common/errors.js';

const DECODERS: Record<string, typeof gunzip | undefined> = { gzip: gunzip, 'x-gzip': gunzip, deflate: inflate };

/** Every body reaches its route as bytes, whatever its type says; gzip and deflate are undone within the same limit. */
export function readBodies(app: FastifyInstance, limit: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
    return encoding === '' || encoding === 'identity' ? body : decompress(body, encoding, limit);
  });
  app.addContentTypeParser(/^multipart\//, { parseAs: 'buffer' }, async (request: FastifyRequest) =>
    refuseForm(request),
  );
}

/** Leaves of a content type what tells forms apart: an empty one, or one that is none, is no reason to refuse a body. */
export function readContentType({ headers }: FastifyRequest): void {
  const type = headers['content-type'];
  if (type === undefined) return;
  headers['content-type'] = /^\s*([\w.+-]+\/[\w.+*-]+)/.exec(type)?.[1]?.toLowerCase() ?? 'application/octet-stream';
}

/** @throws E_SERVE_FORMAT for what `curl -F` and HTML forms send */
function refuseForm(request: FastifyRequest): never {
  const address = request.url.split('?')[0]!.slice(0, 100);
  fail('E_SERVE_FORMAT', {
    where: 'content-type',
    expected: 'a body that is the file itself',
    got: `a form (${request.headers['content-type']})`,
    todo: `With curl: curl --data-binary @FILE http://HOST:PORT${address}, not -F.`,
  });
}

/** What may help with an image that cannot be read: `curl -d` takes line ends out of a file. */
export function bodyHint({ headers }: FastifyRequest): string {
  const isForm = headers['content-type'] === 'application/x-www-form-urlencoded';
  return isForm ? ' With curl, send a file by --data-binary, as -d changes it.' : '';
}

async function decompress(body: Buffer, encoding: string, limit: number): Promise<Buffer> {
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
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
