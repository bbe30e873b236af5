import { setImmediate } from 'node:timers/promises';
import type { Batch, BatchLoader } from '../data/batches.js';
import { stepOnBatch } from './batch-step.js';
import { objectiveOf, type FitOptions } from './fit-options.js';
import { openLoader } from './loader.js';
import { createStep } from './training-step.js';

/** What an optimizer step of a run takes, in seconds. */
export interface StepTime {
  /** Of the step itself: the second one, as the first builds the graph; the mean of a few where they are short. */
  step: number;
  /** Until its batch is read, with nothing else running; in a run this goes on beside the step. */
  reading: number;
}

/** Steps are repeated until they took so many seconds together, or came to so many. */
const [ENOUGH, MOST] = [2, 10];

/** Rounds of batches, one per thread, that reading is timed on; one more comes before them. */
const ROUNDS = 2;

/**
 * Times an optimizer step of a run on its own batches, after one that warms up; the network is of no use afterwards.
 *
 * @throws what `fit` throws before its first step, and what the engine throws where a step does not fit into memory
 */
export async function measureTraining(options: FitOptions): Promise<StepTime> {
  const { settings, workers = 1, signal } = options;
  const loader = await openLoader(options);
  try {
    const { reading, batches } = await timeReading(loader, workers, signal);
    const step = createStep(options);
    try {
      const { learningRate, seed } = settings;
      const objective = objectiveOf(options);
      const run = (batch: Batch): void => void stepOnBatch(step, batch, { objective, learningRate, epoch: 0, seed });
      run(batches[0]!);
      const seconds = await meanSeconds(() => run(batches.at(-1)!), signal);
      return { step: seconds, reading };
    } finally {
      step.dispose();
    }
  } finally {
    await loader.close();
  }
}

/** Seconds of an action: of one where it is long, otherwise the mean of a few. */
export async function meanSeconds(action: () => void, signal?: AbortSignal): Promise<number> {
  const start = performance.now();
  let [done, seconds] = [0, 0];
  while (done < MOST && seconds < ENOUGH) {
    signal?.throwIfAborted();
    action();
    done++;
    seconds = (performance.now() - start) / 1000;
    await setImmediate();
  }
  return seconds / done;
}

/**
 * Seconds that a batch takes to read, all threads at work.
 *
 * @param workers the loader's threads
 * @returns with the first two batches
 */
export async function timeReading(
  loader: BatchLoader,
  workers: number,
  signal?: AbortSignal,
): Promise<{ reading: number; batches: Batch[] }> {
  const count = Math.min((ROUNDS + 1) * workers, loader.batchesPerEpoch);
  // The first round also starts the threads; where there are too few batches for another, it has to do.
  const skipped = count > workers ? workers : 0;
  const batches: Batch[] = [];
  let start = performance.now();
  let read = 0;
  for await (const batch of loader.epoch(0)) {
    signal?.throwIfAborted();
    if (batches.length < 2) batches.push(batch);
    if (++read === skipped) start = performance.now();
    if (read === count) break;
  }
  return { reading: (performance.now() - start) / 1000 / (count - skipped), batches };
}
