import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorCode } from '../../common/errors.js';
import type { ServerContext } from './context.js';

/** Answers a request that expects something other than `100-continue`, which no route sees. */
export function refuseExpectation(context: ServerContext, request: IncomingMessage, response: ServerResponse): void {
  const got = JSON.stringify(request.headers.expect);
  const code: ErrorCode = 'E_SERVE_HTTP';
  const body = JSON.stringify({ error: `expect: expected 100-continue, got ${got}.`, code });
  const length = Buffer.byteLength(body);
  response
    .writeHead(417, { 'content-type': 'application/json', 'content-length': length, connection: 'close' })
    .end(body);
  count(context, 417, request.method);
}

/** Answers what Node could not read as HTTP at all, or in time, in the same form, and closes the connection. */
export function refuseConnection(context: ServerContext, error: NodeJS.ErrnoException, socket: Socket): void {
  const { connections } = context;
  const state = connections.state(socket);
  // Nothing can be said where the connection is gone or an answer is on its way.
  if (error.code === 'ECONNRESET' || !socket.writable || state === 'answering') {
    socket.destroy();
    return;
  }
  const [status, reason, code, got] = connectionFault(error);
  // The request that it ends is counted with it; what never became one is counted here.
  if (state === 'waiting') connections.refuse(socket, status);
  else count(context, status, undefined);
  const body = JSON.stringify({ error: `request: expected HTTP/1.1, got ${got}.`, code });
  const head = `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
  // One that goes on sending, or reads nothing, is not waited for.
  setTimeout(() => socket.destroy(), LINGER).unref();
}

/** Milliseconds in which a refusal has to be read. */
const LINGER = 2_000;

type Fault = [status: number, reason: string, code: ErrorCode, got: string];

function connectionFault({ code, message }: NodeJS.ErrnoException): Fault {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'Request Timeout', 'E_SERVE_TIMEOUT', 'one that came too slowly'];
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'Request Header Fields Too Large', 'E_SERVE_HTTP', 'too long a header'];
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return [413, 'Payload Too Large', 'E_SERVE_BODY', 'too long chunk extensions'];
    default:
      return [400, 'Bad Request', 'E_SERVE_HTTP', message.replace(/[^\x20-\x7e]/g, '?')];
  }
}

/** Counts and logs a request that no route has seen. */
export function count({ metrics, logger }: ServerContext, status: number, method = 'none'): void {
  metrics.request('other', method, status, 0);
  logger.info({ method, route: 'other', status }, 'request');
}
