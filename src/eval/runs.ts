import { setImmediate } from 'node:timers/promises';
import type { RunsDone } from './predictor.js';

/** What may happen between two runs of the network for one picture. */
export interface Watch {
  /** Called after each run but a picture's last. */
  onRun?: (runs: RunsDone) => void;
  /** Ends it between two runs. */
  signal?: AbortSignal;
}

/**
 * Carries an answer to its end, and gives others a turn between two runs: timers, signals of the system, messages.
 *
 * @param beforeRun called before each run, the first one at once: makes the weights what they have to be
 * @throws the signal's reason, and what `beforeRun` throws
 */
export async function finishRuns<Answers>(
  runs: Generator<RunsDone, Answers, void>,
  { onRun, signal, beforeRun }: Watch & { beforeRun?: () => void } = {},
): Promise<Answers> {
  for (;;) {
    beforeRun?.();
    const { done, value } = runs.next();
    if (done) return value;
    onRun?.(value);
    await setImmediate();
    signal?.throwIfAborted();
  }
}
