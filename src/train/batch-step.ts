import * as tf from '@tensorflow/tfjs';
import { Random } from '../common/random.js';
import type { Batch } from '../data/batches.js';
import type { Task } from '../models/task.js';
import { tensorsOf } from '../tasks/tensors.js';
import type { TrainingStep } from './step.js';

export interface BatchStepOptions {
  task: Task;
  learningRate: number;
  /** From 0; noise follows from it, the seed and the batch's place. */
  epoch: number;
  seed: number;
}

/** One optimizer step on a batch. @returns the loss before it */
export function stepOnBatch(
  step: TrainingStep,
  batch: Batch,
  { task, learningRate, epoch, seed }: BatchStepOptions,
): number {
  return tf.tidy(() => {
    const shape: [number, number, number] = [batch.batch, batch.height, batch.width];
    const images = tf.tensor4d(batch.images, [...shape, 3], 'int32');
    const { labels } = tensorsOf(batch.targets);
    const noise = task.needsNoise ? [noiseFor(batch, epoch, seed)] : [];
    return step.run(images, labels as tf.Tensor3D, tf.scalar(learningRate), ...noise).dataSync()[0]!;
  });
}

/** Standard normal noise of a batch's shape, which follows from seed, epoch and the batch's place alone. */
function noiseFor({ index, batch, height, width }: Batch, epoch: number, seed: number): tf.Tensor4D {
  const random = Random.of(seed, 'noise', epoch, index);
  const noise = Float32Array.from({ length: batch * height * width * 3 }, () => random.normal());
  return tf.tensor4d(noise, [batch, height, width, 3]);
}
