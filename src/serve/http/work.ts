import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { fail } from '../../common/errors.js';
import type { Answer } from '../queue.js';
import { late, left } from '../waiting.js';
import type { AskedFrame } from '../protocol/request.js';
import { shown, wrong } from '../protocol/wrong.js';
import type { ServerContext } from './context.js';

/** A frame for one network. */
export interface Work extends AskedFrame {
  model: string;
  /** `performance.now()` when the request had arrived. Default: now. */
  since?: number;
}

const connections = new WeakMap<Socket, string>();
let lastConnection = 0;

/**
 * Has a frame inferred in its turn.
 *
 * @throws E_SERVE_MODEL, E_SERVE_ENGINE, and what `Queue.submit` throws
 */
export async function infer(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  work: Work,
): Promise<Answer> {
  const { engine, queue, limits, metrics, repository } = context;
  const { model, frame, width, height, level, sequence, since = performance.now() } = work;
  requireEngine(context);
  repository.describe(model);
  const stream = sequence && String(sequence.id);
  const { start = false, end = false } = sequence ?? {};
  const answer = await queue.submit({
    model,
    frame,
    width,
    height,
    level,
    stream,
    start,
    end,
    line: stream === undefined ? connectionOf(request.raw.socket) : `stream ${stream}`,
    deadline: Math.min(limits.deadline, work.deadline ?? Infinity, deadlineHeader(request) ?? Infinity),
    since,
    signal: leaving(reply),
    // The stream begins or ends all the same. One that cannot be forgotten is gone with the process that knew it.
    onDrop: () => {
      if (start || end) void engine.call('forget', model, stream!).catch(() => {});
    },
  });
  metrics.frame(model, answer.level, { waited: answer.waited, forward: answer.timings.forward });
  return answer;
}

/** @throws E_SERVE_ENGINE while the engine starts */
export function requireEngine({ engine }: ServerContext): void {
  if (engine.ready) return;
  fail('E_SERVE_ENGINE', {
    where: 'engine',
    expected: 'one that runs',
    got: 'one that is being started',
    todo: 'Repeat the request in a few seconds.',
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
