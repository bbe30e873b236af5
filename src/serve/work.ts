import type { Context } from '@opentelemetry/api';
import { fail } from '../common/errors.js';
import type { ServerContext } from './http/context.js';
import type { AskedFrame } from './protocol/request.js';
import type { Answer } from './queue.js';
import { noteFailure, noteFrame } from './telemetry/spans.js';

/** A frame for one network, whatever the protocol that it came by. */
export interface Work extends AskedFrame {
  model: string;
  /** `performance.now()` when the request had arrived. Default: now. */
  since?: number;
}

/** Who asks. */
export interface Asking {
  /** What frames that belong to no sequence take turns by. */
  line: string;
  /** Aborted when the client leaves. */
  signal: AbortSignal;
  /** Name of the sequence in its headers, for frames whose requests name none. */
  sequence?: string;
  /** The request's span, for OpenTelemetry. */
  trace: Context;
  /** Seconds that it waits, beside what the frame's request says. Default: no limit of its own. */
  deadline?: number;
}

/**
 * Has a frame inferred in its turn.
 *
 * @throws E_SERVE_MODEL, E_SERVE_ENGINE, and what `Queue.submit` throws
 */
export async function answerFrame(context: ServerContext, work: Work, asking: Asking): Promise<Answer> {
  const { engine, queue, limits, metrics, repository, statistics } = context;
  const { model, frame, width, height, level, sequence, since = performance.now() } = work;
  requireEngine(context);
  repository.describe(model);
  const stream = sequence && String(sequence.id);
  const { start = false, end = false } = sequence ?? {};
  const queued = performance.now();
  try {
    const answer = await queue.submit({
      ...{ model, frame, width, height, level, stream, start, end, since },
      line: stream === undefined ? asking.line : `stream ${stream}`,
      deadline: Math.min(limits.deadline, work.deadline ?? Infinity, asking.deadline ?? Infinity),
      signal: asking.signal,
      // The stream begins or ends all the same. One that cannot be forgotten is gone with the process that knew it.
      onDrop: () => {
        if (start || end) void engine.call('forget', model, stream!).catch(() => {});
      },
    });
    const total = performance.now() - since;
    const { waited, timings } = answer;
    metrics.frame(model, answer.level, { waited, forward: timings.forward, total });
    statistics.success(model, { total, queue: waited, ...timesOf(timings) });
    noteFrame(asking.trace, model, answer.level, { since: queued, waited, timings: { ...timings } });
    return answer;
  } catch (error) {
    statistics.fail(model, performance.now() - since);
    noteFailure(asking.trace, model, error as Error);
    throw error;
  }
}

/** What the protocol's statistics tell apart of an answer's milliseconds. */
export function timesOf({ decode, detect, swap, forward }: Answer['timings']): { input: number; infer: number } {
  return { input: decode + detect, infer: swap + forward };
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
