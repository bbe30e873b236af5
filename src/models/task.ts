import * as tf from '@tensorflow/tfjs';
import { fail } from '../common/errors.js';
import type { LabelMap } from '../image/pixels.js';
import type { TaskName } from '../tasks/names.js';
import { taskNamed } from '../tasks/registry.js';
import { segmentationTask } from '../tasks/segmentation/task.js';
import type { Task as OutputTask } from '../tasks/task.js';
import type { Network } from './network.js';

/** How pixels are normalized before a network sees them: `(x / 255 - mean) / std`, per channel. */
export interface Preprocessing {
  mean: [number, number, number];
  std: [number, number, number];
}

/** ImageNet's statistics. */
export const IMAGENET: Preprocessing = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** A task of a network: what becomes of its outputs, and how images reach it. */
export interface Task<Answer = unknown> extends OutputTask<unknown, Answer> {
  /**
   * Scalar, over images `[batch, height, width, 3]` in 0..255 and labels as the task's targets are, both int32.
   *
   * @param noise standard normal, of the images' shape, where the task {@link needsNoise}
   */
  loss(network: Network, images: tf.Tensor4D, labels: tf.Tensor, noise?: tf.Tensor4D): tf.Scalar;
  /** The loss is given noise, drawn anew for every batch. */
  needsNoise?: true;
  /** Before the choice of a class: `[batch, height, width, classes]` or `[batch, classes]` of images as `loss` takes them. */
  logits(network: Network, images: tf.Tensor4D): tf.Tensor;
  /** What answers are read from, see {@link OutputTask.answer}. */
  predict(network: Network, images: tf.Tensor4D): tf.Tensor;
}

/** `[batch, height, width, 3]` in 0..255 to normalized fp32. */
export function normalize(images: tf.Tensor4D, { mean, std }: Preprocessing): tf.Tensor4D {
  return tf.tidy(() => {
    const factor = tf.tensor1d(std.map((s) => 1 / (255 * s)));
    const shift = tf.tensor1d(mean.map((m, c) => -m / std[c]!));
    return tf.add(tf.mul(tf.cast(images, 'float32'), factor), shift);
  });
}

/** The task of a checkpoint, or of data that a network is trained on. */
export function taskOf({
  task = 'segmentation',
  preprocessing,
  ignore,
}: {
  task?: TaskName;
  preprocessing: Preprocessing;
  ignore: number;
}): Task {
  return throughNetwork(taskNamed(task, ignore), preprocessing);
}

/** Pixel-wise classification by cross-entropy; pixels labelled `ignore` count nowhere. */
export function segmentation(preprocessing: Preprocessing, ignore: number): Task<LabelMap> {
  return throughNetwork(segmentationTask(ignore), preprocessing);
}

/** Its methods throw E_USAGE for a network of another task. */
function throughNetwork<Answer>(task: OutputTask<unknown, Answer>, preprocessing: Preprocessing): Task<Answer> {
  const logits = (network: Network, images: tf.Tensor4D, training: boolean): tf.Tensor => {
    if (network.task !== task.name) {
      const got = `${network.spec.name}, which is made for ${network.task}`;
      fail('E_USAGE', { where: 'model', expected: `a network for ${task.name}`, got });
    }
    return network.model.apply(normalize(images, preprocessing), { training }) as tf.Tensor;
  };
  return {
    ...task,
    loss: (network, images, labels) => {
      const losses = Object.values(task.losses({ logits: logits(network, images, true) }, { labels }));
      return losses.reduce((sum, loss) => tf.add(sum, loss));
    },
    logits: (network, images) => tf.tidy(() => logits(network, images, false)),
    predict: (network, images) => tf.tidy(() => task.answer({ logits: logits(network, images, false) })),
  };
}
