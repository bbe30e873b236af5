import * as tf from '@tensorflow/tfjs';
import { fail } from '../common/errors.js';
import { softmaxCrossEntropy } from '../ops/index.js';
import type { Network } from './network.js';

/** What a network is trained to do, in terms of what it puts out; of networks it knows nothing. */
export interface Task {
  readonly name: Network['task'];
  /**
   * Scalars by name; training follows their sum.
   *
   * @param outputs of the network for a batch: `{ logits }`
   * @param targets of the batch: `{ labels }`, int32
   */
  losses(outputs: tf.NamedTensorMap, targets: tf.NamedTensorMap): Record<string, tf.Scalar>;
  /** Name of the output that holds logits of classes, `[batch, ..., classes]`. */
  readonly classLogits: 'logits';
  /** Which places of the targets count in the losses: 1 or 0, `[batch, ...]` as the logits without their last axis. */
  counts(targets: tf.NamedTensorMap): tf.Tensor;
  /** What answers are read from, computed from a network's outputs: int32 class ids. */
  answer(outputs: tf.NamedTensorMap): tf.Tensor;
}

/** Pixel-wise classification by cross-entropy; pixels labelled `ignore` count nowhere. */
export function segmentation(ignore: number): Task {
  return {
    name: 'segmentation',
    losses: ({ logits }, { labels }) => ({ crossEntropy: softmaxCrossEntropy(logits!, labels!, ignore) }),
    classLogits: 'logits',
    counts: ({ labels }) => tf.cast(tf.notEqual(labels!, tf.scalar(ignore, 'int32')), 'float32'),
    answer: ({ logits }) => tf.argMax(logits!, -1),
  };
}

/** @throws E_USAGE for a network that is made for another task */
export function requireTask(network: Pick<Network, 'task' | 'spec'>, { name }: Pick<Task, 'name'>): void {
  if (network.task === name) return;
  const got = `${network.spec.name}, which is made for ${network.task}`;
  fail('E_USAGE', { where: 'model', expected: `a network for ${name}`, got });
}
