import tf from '../common/tf.cjs';
import { Random } from '../common/random.js';
import type { Batch } from '../data/batches.js';
import { tensorsOf as targetTensors } from '../tasks/tensors.js';
import type { BatchTensors, CompiledLoss } from './loss.js';
import type { Objective, View, Views } from './objectives/objective.js';

export interface BatchStepOptions {
  objective: Pick<Objective, 'views' | 'noise' | 'needsTarget'>;
  /** Default: 0. */
  learningRate?: number;
  /** From 0; noise follows from it, the seed and the batch's place. */
  epoch: number;
  seed: number;
}

/** What a batch came to. */
export interface StepLosses {
  loss: number;
  /** By name; empty where it is one. */
  parts: Record<string, number>;
}

/** Runs what is compiled on a batch: an optimizer's step, or what else becomes of gradients. @returns the loss before it */
export function stepOnBatch(step: CompiledLoss, batch: Batch, options: BatchStepOptions): StepLosses {
  let parts: Record<string, number> = {};
  const loss = tf.tidy(() => {
    const made = step.run(tensorsOf(step, batch, options), tf.scalar(options.learningRate ?? 0));
    const values = Object.entries(made.parts).map(([name, part]) => [name, part.dataSync()[0]!] as const);
    parts = Object.fromEntries(values);
    return made.loss.dataSync()[0]!;
  });
  return { loss, parts };
}

function tensorsOf({ draw }: CompiledLoss, batch: Batch, { objective, epoch, seed }: BatchStepOptions): BatchTensors {
  const shape: [number, number, number] = [batch.batch, batch.height, batch.width];
  const viewOf: Record<View, () => tf.Tensor4D> = {
    distorted: () => tf.tensor4d(batch.images, [...shape, 3], 'int32'),
    clean: () => tf.tensor4d(batch.clean!, [...shape, 3], 'int32'),
    noisy: () => noisy(batch, objective.noise!, Random.of(seed, 'noise', epoch, batch.index)),
  };
  const views: Views = Object.fromEntries(objective.views.map((view) => [view, viewOf[view]()]));
  const targets = objective.needsTarget ? batch.targets : undefined;
  if (draw) {
    // Without labels the clean picture shows best where things are.
    const seen = targets ? views.distorted! : (views.clean ?? views.distorted!);
    return { views, targets: draw(seen, targets, Random.of(seed, 'samples', epoch, batch.index)) };
  }
  return { views, targets: targets ? targetTensors(targets) : {} };
}

/** A batch's images with normal noise, which follows from seed, epoch and the batch's place alone. */
function noisy({ images, batch, height, width }: Batch, deviation: number, random: Random): tf.Tensor4D {
  const values = Float32Array.from(images, (value) => value + 255 * deviation * random.normal());
  return tf.tensor4d(values, [batch, height, width, 3]);
}
