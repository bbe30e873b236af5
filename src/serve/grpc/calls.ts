import { Metadata, type ServerDuplexStream, type ServerUnaryCall, status } from '@grpc/grpc-js';
import type { Context } from '@opentelemetry/api';
import { setMaxListeners } from 'node:events';
import { fail } from '../../common/errors.js';
import type { Right } from '../access.js';
import type { ServerContext } from '../http/context.js';
import type { describeError } from '../http/errors.js';
import { SEQUENCE } from '../protocol/sequence.js';
import { wrong } from '../protocol/wrong.js';
import { left } from '../waiting.js';
import { startRequest } from '../telemetry/spans.js';
import type { Asking } from '../work.js';
import { decode } from './messages.js';

export const SERVICE = '/inference.GRPCInferenceService';

export type Call = ServerUnaryCall<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

/** Statuses of gRPC in the place of HTTP's. */
const STATUS: Readonly<Record<number, status>> = {
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  413: status.RESOURCE_EXHAUSTED,
  422: status.FAILED_PRECONDITION,
  499: status.CANCELLED,
  500: status.INTERNAL,
  501: status.UNIMPLEMENTED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

/** @param rights of which the caller needs one; undefined: open to everybody. @throws E_SERVE_AUTH, E_SERVE_RIGHT, E_SERVE_STOPPING */
export function admit({ access, stopping }: ServerContext, call: Call, rights?: readonly Right[]): void {
  if (!rights) return;
  const [header] = call.metadata.get('authorization');
  access.require(header === undefined ? undefined : String(header), rights);
  if (stopping)
    fail('E_SERVE_STOPPING', { where: 'server', expected: 'to run', got: 'a shutdown', todo: 'Ask another one.' });
}

/** Who calls, and how long the caller waits. */
export function askingOf(call: Call, trace: Context): Asking {
  const controller = new AbortController();
  // Every request of a stream listens.
  setMaxListeners(0, controller.signal);
  const leave = (): void => controller.abort(left());
  call.once('cancelled', leave);
  if (call.cancelled) leave();
  const deadline = call.getDeadline();
  const until = deadline instanceof Date ? deadline.getTime() : deadline;
  const [sequence] = call.metadata.get(SEQUENCE);
  return {
    ...(sequence !== undefined && { sequence: String(sequence) }),
    ...{ trace, line: `connection ${call.getPeer()}` },
    signal: controller.signal,
    // Past already, it still counts as one.
    ...(Number.isFinite(until) && { deadline: Math.max(0.001, (until - Date.now()) / 1000) }),
  };
}

/** @throws E_SERVE_REQUEST */
export function read<T>(type: string, bytes: Buffer): T {
  try {
    return decode<T>(type, bytes);
  } catch (error) {
    wrong(
      'request',
      `a message ${type}`,
      `${bytes.length} bytes that are none (${(error as Error).message.slice(0, 80)})`,
    );
  }
}

/** A call that is under way. */
export interface Counted {
  /** Its span, for OpenTelemetry. */
  trace: Context;
  /** Counts and logs it once its status is known, by HTTP's numbers. */
  done(code: number): void;
}

/** Begins to measure a call, or one request of a stream. */
export function counted({ metrics, logger }: ServerContext, call: Call, name: string): Counted {
  const began = performance.now();
  const route = `${SERVICE}/${name}`;
  const headers = Object.fromEntries(
    Object.entries(call.metadata.getMap()).map(([key, value]) => [key, String(value)]),
  );
  const span = startRequest({ method: 'gRPC', route, headers });
  const done = (code: number): void => {
    const passed = performance.now() - began;
    metrics.request(route, 'gRPC', code, passed / 1000);
    logger.info({ method: 'gRPC', route, status: code, ms: Math.round(passed) }, 'request');
    span.end(code);
  };
  return { trace: span.context, done };
}

/** An error as gRPC has it; its code is in the metadata `x-gearnn-code`. */
export function statusOf(
  { status: code, code: name, message }: ReturnType<typeof describeError>,
  { queue }: ServerContext,
): { code: status; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set('x-gearnn-code', name);
  if (code === 503) metadata.set('retry-after', String(Math.max(1, Math.ceil(queue.backlog))));
  return { code: STATUS[code] ?? status.INVALID_ARGUMENT, details: message, metadata };
}
