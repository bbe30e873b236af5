import { setImmediate } from 'node:timers/promises';
import { fail } from '../common/errors.js';
import type { Batch } from '../data/batches.js';
import { stepOnBatch } from './batch-step.js';
import { checkFinite } from './finite.js';
import {
  adaptationOf,
  identityOf,
  objectiveOf,
  type FitOptions,
  type FitResult,
  type FitSettings,
} from './fit-options.js';
import { checkFrozen, frozenDigests } from './freeze.js';
import { openLoader } from './loader.js';
import { formatDuration, Pace } from './pace.js';
import { learningRateAt } from './schedule.js';
import { loadState, saveState, type EpochRecord, type Position } from './state.js';
import { createStep, type TrainingStep } from './training-step.js';
import { averageWeights, refuseToAverage, type WeightAverage } from './weight-average.js';

export type { FitOptions, FitResult, FitSettings } from './fit-options.js';

/**
 * Trains `network` in place. The same settings, seed, engine and thread count give the same weights to the bit, also when the run was
 * interrupted and resumed any number of times.
 *
 * @throws E_TRAIN_LABELS where no crop of an epoch has a labelled pixel, E_TRAIN_LOSS where the loss or a weight is not finite (with step and batch), E_TRAIN_DATA where the samples do not fill
 *   one batch, E_TRAIN_RESUME, E_TRAIN_FROZEN, and what reading the samples throws
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  const { network, settings, validate, signal } = options;
  const { changes } = adaptationOf(options);
  const loader = await openLoader(options);
  const step = createStep(options);
  // Before a state is taken up: what that brings back must not differ either where nothing is trained.
  const frozen = frozenDigests(network, changes);
  const length = lengthOf(settings, loader.batchesPerEpoch);
  const { average: share } = settings;
  const average = share === undefined ? undefined : averageWeights(network, changes, { share, steps: length.steps });
  const kept = new Map([...step.kept, ...(average?.kept ?? [])]);
  try {
    if (average && step.own) refuseToAverage();
    const state = options.state ? { path: options.state, identity: identityOf(options) } : undefined;
    const resumed = state && options.resume ? await loadState(state, network, kept, options.warn) : null;
    const position = resumed ?? { epoch: 0, batch: 0, lossSum: 0, seconds: 0, history: [] };
    const save = async (): Promise<void> => {
      if (state) await saveState(state, network, kept, position);
    };
    const { batchesPerEpoch } = length;
    options.log?.begin(position.epoch * batchesPerEpoch + position.batch, position.epoch);

    // Before the first step there is nothing to save.
    signal?.throwIfAborted();
    const pace = new Pace();
    while (position.epoch < length.epochs) {
      pace.start();
      const { targets } = loader.dataset;
      // What was trained on before an interruption is not looked at again.
      let isTaught = position.batch > 0 || !objectiveOf(options).needsTarget;
      for await (const batch of loader.epoch(position.epoch, position.batch)) {
        if (stepsDone(position, length) >= length.steps) break;
        isTaught ||= targets.isTaught(batch.targets);
        trainOn(batch, { step, position, pace, length, average }, options);
        if (signal?.aborted) {
          await save();
          signal.throwIfAborted();
        }
        // Lets decoded batches in and signals through; the step itself is synchronous.
        await setImmediate();
      }
      if (!isTaught) refuseUntaught(position.epoch);
      checkFinite(network, `epoch ${position.epoch + 1}`);
      // Validation takes its time, and the epoch must not be lost when it is interrupted.
      if (validate) await save();
      await endEpoch(position, length, options);
      await save();
    }
    // After the last state is saved: whoever takes that up has the means yet to be put.
    average?.put();
    checkFrozen(network, changes, frozen);
    const own = step.own?.();
    return { epochs: position.history, steps: length.steps, stepsPerEpoch: batchesPerEpoch, ...(own && { own }) };
  } finally {
    average?.dispose();
    step.dispose();
    await loader.close();
  }
}

/** Crops may miss what is labelled in every image. */
function refuseUntaught(epoch: number): never {
  fail('E_TRAIN_LABELS', {
    where: `epoch ${epoch + 1}`,
    expected: 'a crop with a labelled pixel',
    got: 'ignored pixels alone in all of them',
    todo: 'Start anew with a larger --size, or mend the label maps, and --force.',
  });
}

/** What the steps of one run share. */
interface Running {
  step: TrainingStep;
  position: Position;
  pace: Pace;
  length: Length;
  average?: WeightAverage;
}

/** How long a run is. */
interface Length {
  batchesPerEpoch: number;
  /** Steps in all. */
  steps: number;
  /** Epochs in all, of which the last one may end early. */
  epochs: number;
}

function lengthOf({ steps, epochs }: FitSettings, batchesPerEpoch: number): Length {
  if (steps === undefined) return { batchesPerEpoch, steps: epochs * batchesPerEpoch, epochs };
  return { batchesPerEpoch, steps, epochs: Math.ceil(steps / batchesPerEpoch) };
}

function stepsDone({ epoch, batch }: Pick<Position, 'epoch' | 'batch'>, { batchesPerEpoch }: Length): number {
  return epoch * batchesPerEpoch + batch;
}

function trainOn(batch: Batch, running: Running, options: FitOptions): void {
  const { settings, log, progress } = options;
  const { step, position, pace, length, average } = running;
  const index = stepsDone(position, length);
  const learningRate = rateAt(index, length, settings);
  const objective = objectiveOf(options);
  const { epoch } = position;
  const { loss, parts } = stepOnBatch(step, batch, { objective, learningRate, epoch, seed: settings.seed });
  if (!Number.isFinite(loss)) {
    fail('E_TRAIN_LOSS', {
      where: `step ${index + 1} (epoch ${position.epoch + 1}, batch ${batch.index + 1}: ${batch.ids.join(', ')})`,
      expected: 'a finite loss',
      got: String(loss),
      todo: 'Start anew with a lower --learning-rate and --force, or look at these samples.',
    });
  }
  average?.take(index);
  const seconds = pace.step();
  position.batch += 1;
  addLosses(position, loss, parts);
  position.seconds += seconds;
  log?.step({
    step: index + 1,
    epoch: position.epoch + 1,
    loss,
    ...partsOf(parts),
    learningRate,
    imagesPerSecond: batch.batch / seconds,
  });
  const left = length.steps - index - 1;
  const usual = pace.secondsPerStep;
  progress?.({
    task: `epoch ${position.epoch + 1}/${length.epochs}`,
    done: position.batch,
    total: Math.min(length.batchesPerEpoch, length.steps - position.epoch * length.batchesPerEpoch),
    unit: 'steps',
    values: {
      loss: (position.lossSum / position.batch).toFixed(4),
      ...meansOf(position, (mean) => mean.toFixed(4)),
      rate: learningRate.toExponential(2),
      ...(usual !== undefined && {
        'images/s': (batch.batch / usual).toFixed(1),
        'whole run': `${formatDuration(left * usual)} left`,
      }),
    },
  });
}

function addLosses(position: Position, loss: number, parts: Record<string, number>): void {
  position.lossSum += loss;
  for (const [name, part] of Object.entries(parts)) {
    position.partSums ??= {};
    position.partSums[name] = (position.partSums[name] ?? 0) + part;
  }
}

/** Means of the losses' parts over the epoch's finished batches. */
function meansOf<T>({ partSums = {}, batch }: Position, as: (mean: number) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(partSums).map(([name, sum]) => [name, as(sum / batch)]));
}

/** What records say of the losses' parts: nothing of one. */
function partsOf(losses: Record<string, number>): { losses?: Record<string, number> } {
  return Object.keys(losses).length > 0 ? { losses } : {};
}

async function endEpoch(position: Position, length: Length, { settings, log, validate }: FitOptions): Promise<void> {
  const steps = stepsDone(position, length);
  const record: EpochRecord = {
    epoch: position.epoch + 1,
    loss: position.lossSum / position.batch,
    ...partsOf(meansOf(position, (mean) => mean)),
    learningRate: rateAt(steps - 1, length, settings),
    seconds: position.seconds,
  };
  Object.assign(record, await validate?.(record.epoch));
  position.history.push(record);
  position.epoch += 1;
  position.batch = 0;
  position.lossSum = 0;
  delete position.partSums;
  position.seconds = 0;
  log?.epoch(record, steps);
}

function rateAt(
  step: number,
  { steps, batchesPerEpoch, epochs }: Length,
  { schedule, learningRate, warmup }: FitSettings,
): number {
  return learningRateAt(schedule, learningRate, { step, steps, stepsPerEpoch: batchesPerEpoch, epochs, warmup });
}
