import * as tf from '@tensorflow/tfjs';
import { setImmediate } from 'node:timers/promises';
import { fail } from '../common/errors.js';
import { canonicalJson, sha256 } from '../common/files.js';
import type { Progress } from '../common/progress.js';
import { BatchLoader, type Batch } from '../data/batches.js';
import type { Augmentation } from '../data/augment.js';
import type { SampleSource } from '../data/source.js';
import { enginePrecision, type Precision } from '../engine/precision.js';
import type { Network } from '../models/network.js';
import { allTrainable, applyStatisticsMode, checkFrozen, frozenDigests, type TrainableNames } from './freeze.js';
import { learningRateAt, type Schedule } from './schedule.js';
import { loadState, removeState, saveState, type EpochRecord, type Position } from './state.js';
import { createStep, type OptimizerSettings, type TrainingStep } from './step.js';
import type { Task } from '../models/task.js';

/** Everything that the outcome of a run depends on, beside the network's first weights. */
export interface FitSettings extends OptimizerSettings {
  source: SampleSource;
  split: string;
  /** Ids of the samples to train on; all of the split unless said. */
  samples?: string[];
  epochs: number;
  batch: number;
  augment: Augmentation;
  learningRate: number;
  schedule: Schedule;
  seed: number;
}

export interface FitOptions {
  network: Network;
  task: Task;
  settings: FitSettings;
  /** Names of the tensors that may change; all but the fixed ones unless said. */
  trainable?: TrainableNames;
  /** Arithmetic of the step; the engine's unless said. */
  precision?: Precision;
  /** File that the run's state is written to after every epoch, and taken up from when `resume` is set. */
  state?: string;
  resume?: boolean;
  /** A name for the first weights (a checkpoint's hash), so that a state is not taken up on other ones. */
  origin?: string;
  /** Threads that decode. */
  workers?: number;
  progress?: Progress;
  /** Called after every step and every epoch. */
  log?: RunLog;
  /** Mean IoU to record after an epoch. */
  validate?: (epoch: number) => Promise<number | undefined>;
  /** When aborted, the state is saved after the running step, and the signal's reason is thrown. */
  signal?: AbortSignal;
}

/** Where a run's figures go. */
export interface RunLog {
  step(record: { step: number; epoch: number; loss: number; learningRate: number; imagesPerSecond: number }): void;
  epoch(record: EpochRecord): void;
}

/** What a run came to. */
export interface FitResult {
  epochs: EpochRecord[];
  /** Optimizer steps over the whole run. */
  steps: number;
  stepsPerEpoch: number;
}

/**
 * Trains `network` in place. The same settings, seed, engine and thread count give the same weights to the bit, also when the run was
 * interrupted and resumed any number of times.
 *
 * @throws E_TRAIN_LOSS where the loss is not finite (with step and batch), E_TRAIN_DATA where the samples do not fill one batch,
 *   E_TRAIN_RESUME, E_TRAIN_FROZEN, and what reading the samples throws
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  const { network, task, settings, precision = enginePrecision(), signal } = options;
  const trainable = options.trainable ?? allTrainable(network);
  applyStatisticsMode(network, trainable);
  const loader = await openLoader(options);
  const step = createStep(network, task, trainable, settings, precision);
  try {
    const state = options.state
      ? { path: options.state, fingerprint: fingerprint(options, trainable, precision) }
      : undefined;
    const resumed = state && options.resume ? await loadState(state, network, step.momenta) : null;
    const position: Position = resumed ?? { epoch: 0, batch: 0, lossSum: 0, history: [] };
    // After a state is taken up: what it brought back may differ from the first weights only where training is allowed.
    const frozen = frozenDigests(network, trainable);

    while (position.epoch < settings.epochs) {
      const start = performance.now();
      for await (const batch of loader.epoch(position.epoch, position.batch)) {
        trainOn(batch, step, position, loader.batchesPerEpoch, options);
        if (signal?.aborted) {
          if (state) await saveState(state, network, step.momenta, position);
          signal.throwIfAborted();
        }
        // Lets decoded batches in and signals through; the step itself is synchronous.
        await setImmediate();
      }
      await endEpoch(position, (performance.now() - start) / 1000, loader.batchesPerEpoch, options);
      if (state) await saveState(state, network, step.momenta, position);
    }
    checkFrozen(network, trainable, frozen);
    if (state) await removeState(state);
    return {
      epochs: position.history,
      steps: settings.epochs * loader.batchesPerEpoch,
      stepsPerEpoch: loader.batchesPerEpoch,
    };
  } finally {
    step.dispose();
    await loader.close();
  }
}

async function openLoader({ settings, network, workers }: FitOptions): Promise<BatchLoader> {
  const [height, width] = settings.augment.crop;
  if (height % network.stride !== 0 || width % network.stride !== 0) {
    fail('E_USAGE', {
      where: 'train.size',
      expected: `height and width that are multiples of ${network.stride}`,
      got: `${height}x${width}`,
      todo: `Use ${Math.ceil(height / network.stride) * network.stride}x${Math.ceil(width / network.stride) * network.stride}.`,
    });
  }
  const { source, split, samples, batch, seed, augment } = settings;
  const loader = await BatchLoader.open({
    source,
    split,
    samples,
    batch,
    seed,
    augment,
    shuffle: true,
    dropLast: true,
    workers,
  });
  if (loader.batchesPerEpoch === 0) {
    await loader.close();
    fail('E_TRAIN_DATA', {
      where: `${loader.dataset.spec} ${split}`,
      expected: `at least one batch of ${batch} samples`,
      got: `${loader.sampleCount} samples`,
      todo: 'Give a smaller --batch or more samples.',
    });
  }
  return loader;
}

function trainOn(
  batch: Batch,
  step: TrainingStep,
  position: Position,
  stepsPerEpoch: number,
  { settings, log, progress }: FitOptions,
): void {
  const start = performance.now();
  const index = position.epoch * stepsPerEpoch + position.batch;
  const learningRate = learningRateAt(settings.schedule, settings.learningRate, {
    step: index,
    stepsPerEpoch,
    epochs: settings.epochs,
  });
  const loss = tf.tidy(() => {
    const shape: [number, number, number] = [batch.batch, batch.height, batch.width];
    const images = tf.tensor4d(batch.images, [...shape, 3], 'int32');
    const labels = tf.tensor3d(batch.labels, shape, 'int32');
    return step.run(images, labels, tf.scalar(learningRate)).dataSync()[0]!;
  });
  if (!Number.isFinite(loss)) {
    fail('E_TRAIN_LOSS', {
      where: `step ${index + 1} (epoch ${position.epoch + 1}, batch ${batch.index + 1}: ${batch.ids.join(', ')})`,
      expected: 'a finite loss',
      got: String(loss),
      todo: 'Lower --learning-rate, or look at these samples; the state of the last epoch is kept.',
    });
  }
  position.batch += 1;
  position.lossSum += loss;
  const imagesPerSecond = batch.batch / ((performance.now() - start) / 1000);
  log?.step({ step: index + 1, epoch: position.epoch + 1, loss, learningRate, imagesPerSecond });
  progress?.({
    task: `epoch ${position.epoch + 1}/${settings.epochs}`,
    done: position.batch,
    total: stepsPerEpoch,
    unit: 'steps',
    values: {
      loss: (position.lossSum / position.batch).toFixed(4),
      rate: learningRate.toExponential(2),
      'images/s': imagesPerSecond.toFixed(1),
    },
  });
}

async function endEpoch(
  position: Position,
  seconds: number,
  stepsPerEpoch: number,
  { settings, log, validate }: FitOptions,
): Promise<void> {
  const record: EpochRecord = {
    epoch: position.epoch + 1,
    loss: position.lossSum / stepsPerEpoch,
    learningRate: learningRateAt(settings.schedule, settings.learningRate, {
      step: (position.epoch + 1) * stepsPerEpoch - 1,
      stepsPerEpoch,
      epochs: settings.epochs,
    }),
    seconds,
  };
  const miou = await validate?.(record.epoch);
  if (miou !== undefined) record.miou = miou;
  position.history.push(record);
  position.epoch += 1;
  position.batch = 0;
  position.lossSum = 0;
  log?.epoch(record);
}

/** The source's module is a path of this machine and says nothing; what it opens does. */
function fingerprint(
  { settings, origin, network }: FitOptions,
  trainable: TrainableNames,
  precision: Precision,
): string {
  const { source, ...rest } = settings;
  return sha256(
    canonicalJson({
      ...rest,
      data: source.args,
      network: network.config,
      trainable: [...trainable].sort(),
      precision,
      origin,
    }),
  );
}
