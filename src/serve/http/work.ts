import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import type { Answer } from '../queue.js';
import { late, left } from '../waiting.js';
import { shown, wrong } from '../protocol/wrong.js';
import { answerFrame, type Work } from '../work.js';
import { startRequest, type RequestSpan } from '../telemetry/spans.js';
import type { ServerContext } from './context.js';

const connections = new WeakMap<Socket, string>();
let lastConnection = 0;
const spans = new WeakMap<FastifyRequest, RequestSpan>();

/** The span of a request, begun when it is first asked for. */
export function spanOf(request: FastifyRequest): RequestSpan {
  const known = spans.get(request);
  if (known) return known;
  const { method, headers, routeOptions } = request;
  const span = startRequest({ method, route: routeOptions.url ?? 'other', headers });
  spans.set(request, span);
  return span;
}

/** Has a frame of a request inferred in its turn. @throws as {@link answerFrame} */
export function infer(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  work: Work,
): Promise<Answer> {
  return answerFrame(context, work, {
    line: connectionOf(request.raw.socket),
    trace: spanOf(request).context,
    signal: leaving(reply),
    deadline: deadlineHeader(request),
  });
}

/** Seconds, out of the header `x-gearnn-deadline-ms`. */
function deadlineHeader(request: FastifyRequest): number | undefined {
  const text = request.headers['x-gearnn-deadline-ms'];
  if (text === undefined) return undefined;
  const milliseconds = Number(text);
  if (typeof text !== 'string' || !/^[0-9]+$/.test(text) || milliseconds === 0)
    wrong('x-gearnn-deadline-ms', 'a whole number of milliseconds from 1 on', shown(text));
  return milliseconds / 1000;
}

/** Aborted, by E_SERVE_LEFT, when the connection closes before the answer is out. */
export function leaving(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(left());
  });
  if (reply.raw.destroyed) controller.abort(left());
  return controller.signal;
}

/** As {@link leaving}, and by E_SERVE_DEADLINE after so many seconds. */
export function leavingOrLate(reply: FastifyReply, seconds: number): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(late(seconds)), seconds * 1000).unref();
  reply.raw.once('close', () => clearTimeout(timer));
  const gone = leaving(reply);
  const leave = (): void => controller.abort(gone.reason);
  if (gone.aborted) leave();
  else gone.addEventListener('abort', leave, { once: true });
  return controller.signal;
}

/** A name for a connection: frames that belong to no sequence take turns by it. */
function connectionOf(socket: Socket): string {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const name = `connection ${++lastConnection}`;
  connections.set(socket, name);
  return name;
}
