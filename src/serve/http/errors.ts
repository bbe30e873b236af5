import type { FastifyError, FastifyReply } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorCode, GearnnError } from '../../common/errors.js';
import type { ServerContext } from './context.js';

/** Status of each error that a request can be answered with; any other is a fault of the server. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  E_ADAPTOR: 422,
  E_ADAPTOR_BASE_MISMATCH: 422,
  E_ADAPTOR_CLASSES: 422,
  E_ADAPTOR_LEVEL: 400,
  E_ADAPTOR_SHAPE: 422,
  E_CHECKPOINT: 422,
  E_DISTORT_LEVEL: 400,
  E_DISTORT_SIZE: 400,
  E_IMAGE_DECODE: 400,
  E_MODEL_NAME: 422,
  E_SAFETENSORS: 422,
  E_SERVE_AUTH: 401,
  E_SERVE_BODY: 413,
  E_SERVE_BUSY: 503,
  E_SERVE_DEADLINE: 504,
  E_SERVE_ENCODING: 415,
  E_SERVE_ENGINE: 503,
  E_SERVE_FORMAT: 415,
  E_SERVE_HTTP: 400,
  E_SERVE_LEFT: 499,
  E_SERVE_METHOD: 405,
  E_SERVE_MODEL: 404,
  E_SERVE_PIXELS: 413,
  E_SERVE_REQUEST: 400,
  E_SERVE_ROUTE: 404,
  E_SERVE_STOPPING: 503,
  E_SERVE_TIMEOUT: 408,
  E_STATE: 422,
  E_UPSAMPLER: 422,
  E_VIDEO_PACKAGE: 501,
};

/** Answers an error as `{"error": message, "code": "E_..."}`. */
export function sendError(error: FastifyError | Error, reply: FastifyReply, context: ServerContext): FastifyReply {
  const { status, code, message } = describe(error);
  if (status >= 500 && status !== 503 && status !== 504) context.logger.error({ err: error }, 'request failed');
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  if (status === 503) void reply.header('retry-after', String(Math.max(1, Math.ceil(context.queue.backlog))));
  return reply
    .code(status)
    .type('application/json')
    .send(JSON.stringify({ error: message, code }));
}

function describe(error: FastifyError | Error): { status: number; code: string; message: string } {
  if (error instanceof GearnnError && STATUS[error.code] !== undefined)
    return { status: STATUS[error.code]!, code: error.code, message: error.message };
  const status = (error as FastifyError).statusCode;
  if (status === 413) return { status, code: 'E_SERVE_BODY' satisfies ErrorCode, message: error.message };
  // What fastify refuses by itself: wrong lengths, addresses, media types.
  if (status !== undefined && status >= 400 && status < 500)
    return { status, code: 'E_SERVE_HTTP' satisfies ErrorCode, message: error.message };
  return {
    status: 500,
    code: 'E_SERVE_INTERNAL' satisfies ErrorCode,
    message: 'server: expected to answer, got an unexpected error. Its log says more.',
  };
}

/** Answers a request that expects something other than `100-continue`. */
export function refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
  const got = JSON.stringify(request.headers.expect);
  const code: ErrorCode = 'E_SERVE_HTTP';
  const body = JSON.stringify({ error: `expect: expected 100-continue, got ${got}.`, code });
  const length = Buffer.byteLength(body);
  response
    .writeHead(417, { 'content-type': 'application/json', 'content-length': length, connection: 'close' })
    .end(body);
}

/** Answers what Node could not read as HTTP at all, in the same form, and closes the connection. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy(error);
    return;
  }
  const [status, code, got] = connectionFault(error);
  const body = JSON.stringify({ error: `request: expected HTTP/1.1, got ${got}.`, code });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function connectionFault({ code, message }: NodeJS.ErrnoException): [status: string, code: ErrorCode, got: string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return ['408 Request Timeout', 'E_SERVE_TIMEOUT', 'one that came too slowly'];
  if (code === 'HPE_HEADER_OVERFLOW')
    return ['431 Request Header Fields Too Large', 'E_SERVE_HTTP', 'too long a header'];
  return ['400 Bad Request', 'E_SERVE_HTTP', message.replace(/[^\x20-\x7e]/g, '?')];
}
