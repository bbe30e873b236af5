import type { FastifyError, FastifyReply } from 'fastify';
import { type ErrorCode, GearnnError } from '../../common/errors.js';
import { bodyHint } from './bodies.js';
import type { ServerContext } from './context.js';
import { withoutPaths } from './scrub.js';

/** Status of each error that a request can be answered with; any other is a fault of the server. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  E_ADAPTOR: 422,
  E_ADAPTOR_BASE_MISMATCH: 422,
  E_ADAPTOR_CLASSES: 422,
  E_ADAPTOR_LEVEL: 400,
  E_ADAPTOR_SHAPE: 422,
  E_CHECKPOINT: 422,
  E_DATA_TASK: 400,
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
  E_SERVE_RIGHT: 403,
  E_SERVE_ROUTE: 404,
  E_SERVE_STOPPING: 503,
  E_SERVE_TIMEOUT: 408,
  E_SERVE_UNAVAILABLE: 503,
  E_STATE: 422,
  E_UPSAMPLER: 422,
  E_VIDEO_PACKAGE: 501,
};

/** Errors about the server's own files and processes, not about the request: their messages name paths, which the log keeps. */
const OURS: ReadonlySet<string> = new Set<ErrorCode>([
  'E_ADAPTOR',
  'E_ADAPTOR_BASE_MISMATCH',
  'E_ADAPTOR_CLASSES',
  'E_ADAPTOR_SHAPE',
  'E_CHECKPOINT',
  'E_MODEL_NAME',
  'E_SAFETENSORS',
  'E_SERVE_ENGINE',
  'E_SERVE_UNAVAILABLE',
  'E_STATE',
  'E_UPSAMPLER',
  'E_VIDEO_PACKAGE',
]);

/** Answers an error as `{"error": message, "code": "E_..."}`. */
export function sendError(error: FastifyError | Error, reply: FastifyReply, context: ServerContext): FastifyReply {
  const { status, code, message } = describeError(error, context);
  const hint = code === 'E_SERVE_FORMAT' || code === 'E_IMAGE_DECODE' ? bodyHint(reply.request) : '';
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  if (status === 503) void reply.header('retry-after', String(Math.max(1, Math.ceil(context.queue.backlog))));
  return reply
    .code(status)
    .type('application/json')
    .send(JSON.stringify({ error: `${message}${hint}`, code }));
}

/** What a client hears of an error; what it does not is logged. */
export function describeError(
  error: FastifyError | Error,
  context: ServerContext,
): { status: number; code: string; message: string } {
  const described = describe(error, context);
  const { status, code, message } = described;
  if (status >= 500 && status !== 503 && status !== 504) context.logger.error({ err: error }, 'request failed');
  else if (message !== error.message) context.logger.warn({ code, reason: error.message }, 'request failed');
  return described;
}

function describe(
  error: FastifyError | Error,
  { repository }: ServerContext,
): { status: number; code: string; message: string } {
  if (error instanceof GearnnError && STATUS[error.code] !== undefined) {
    const { code, message } = error;
    return {
      status: STATUS[code]!,
      code,
      message: OURS.has(code) ? withoutPaths(message, repository.places) : message,
    };
  }
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
