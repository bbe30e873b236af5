import tf from '../common/tf.cjs';
import { setImmediate } from 'node:timers/promises';
import { Random } from '../common/random.js';
import { createPredictor } from '../eval/predictor.js';
import { enginePrecision } from '../engine/precision.js';
import type { NetworkConfig } from '../models/network.js';
import { requireOutputsToLearnFrom } from '../models/task.js';
import { createNetwork } from '../models/registry.js';
import { taskNamed } from '../tasks/registry.js';
import { allTrainable, gradientTensors, statisticsIn } from './freeze.js';
import { compileLoss } from './loss.js';
import { labels as labelsObjective } from './objectives/labels.js';
import { optimizerOf } from './optimizers.js';

export interface TimingOptions {
  network: NetworkConfig;
  /** Height and width, multiples of 8. */
  size: [height: number, width: number];
  batch: number;
  /** Runs that count; two more come before them. */
  steps: number;
}

/** The runs before the first one that counts: the trace, and the graph's own first run. */
const WARM_UP = 2;

/** A training step that can be run again and again, on made-up frames. */
export interface PreparedStep {
  /** Forward, backward and optimizer, until the loss is known. */
  run(): void;
  dispose(): void;
}

/** Makes a network with fresh weights and a step of training all of it. */
export function prepareTraining({ network: config, size, batch }: Omit<TimingOptions, 'steps'>): PreparedStep {
  const network = createNetwork(config);
  requireOutputsToLearnFrom(network);
  const trainable = allTrainable(network);
  const optimizer = optimizerOf(gradientTensors(network, trainable), { momentum: 0.9, weightDecay: 1e-4 });
  const task = taskNamed(network.task, 255);
  const objective = labelsObjective.open({ task });
  const step = compileLoss(network, objective, statisticsIn(network, trainable), optimizer, enginePrecision());
  const { images, labels } = frames(size, batch, config.classes);
  const distorted = tf.tensor4d(images, [batch, ...size, 3], 'int32');
  // Of every pixel, or of every picture.
  const shape = task.dense === undefined ? [batch] : [batch, ...size];
  const targets = { labels: tf.tensor(labels.subarray(0, tf.util.sizeFromShape(shape)), shape, 'int32') };
  const rate = tf.scalar(0.001);
  return {
    run: () => {
      const { loss } = step.run({ views: { distorted }, targets }, rate);
      loss.dataSync();
      loss.dispose();
    },
    dispose: () => {
      tf.dispose([distorted, targets.labels, rate]);
      step.dispose();
      optimizer.dispose();
      network.dispose();
    },
  };
}

/** Seconds of each whole training step (forward, backward, optimizer), on made-up frames. */
export async function timeTraining({ steps, ...options }: TimingOptions): Promise<number[]> {
  const step = prepareTraining(options);
  const seconds = await repeat(steps, () => step.run());
  step.dispose();
  return seconds;
}

/** Seconds from frames as bytes to class ids as bytes, with frozen weights. */
export async function timeInference({ network: config, size, batch, steps }: TimingOptions): Promise<number[]> {
  const network = createNetwork(config);
  const predictor = createPredictor(network, taskNamed(network.task, 255), { changing: new Set() });
  const { images } = frames(size, batch, config.classes);
  const [height, width] = size;
  const seconds = await repeat(steps, () => void predictor.predict({ images, batch, height, width }));
  predictor.dispose();
  network.dispose();
  return seconds;
}

async function repeat(steps: number, run: () => void): Promise<number[]> {
  const seconds: number[] = [];
  for (let i = 0; i < WARM_UP + steps; i++) {
    const start = performance.now();
    run();
    seconds.push((performance.now() - start) / 1000);
    await setImmediate();
  }
  return seconds.slice(WARM_UP);
}

function frames([height, width]: [number, number], batch: number, classes: number) {
  const random = new Random(1);
  const images = Uint8Array.from({ length: batch * height * width * 3 }, () => random.integer(256));
  const labels = Uint8Array.from({ length: batch * height * width }, () => random.integer(classes));
  return { images, labels };
}
