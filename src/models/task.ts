import * as tf from '@tensorflow/tfjs';
import { fail } from '../common/errors.js';
import type { Network } from './network.js';
import { softmaxCrossEntropy } from '../ops/index.js';

/** How pixels are normalized before a network sees them: `(x / 255 - mean) / std`, per channel. */
export interface Preprocessing {
  mean: [number, number, number];
  std: [number, number, number];
}

/** ImageNet's statistics. */
export const IMAGENET: Preprocessing = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** What a network is trained to do: its loss from raw batches, and its answer. The loop knows nothing else of it. */
export interface Task {
  /**
   * Scalar, over images `[batch, height, width, 3]` in 0..255 and labels `[batch, height, width]`, both int32.
   *
   * @param noise standard normal, of the images' shape, where the task {@link needsNoise}
   */
  loss(network: Network, images: tf.Tensor4D, labels: tf.Tensor3D, noise?: tf.Tensor4D): tf.Scalar;
  /** The loss is given noise, drawn anew for every batch. */
  needsNoise?: true;
  /** Before the choice of a class: `[batch, height, width, classes]` of images as `loss` takes them. */
  logits(network: Network, images: tf.Tensor4D): tf.Tensor4D;
  /** int32 class ids `[batch, height, width]`. */
  predict(network: Network, images: tf.Tensor4D): tf.Tensor3D;
}

/** `[batch, height, width, 3]` in 0..255 to normalized fp32. */
export function normalize(images: tf.Tensor4D, { mean, std }: Preprocessing): tf.Tensor4D {
  return tf.tidy(() => {
    const factor = tf.tensor1d(std.map((s) => 1 / (255 * s)));
    const shift = tf.tensor1d(mean.map((m, c) => -m / std[c]!));
    return tf.add(tf.mul(tf.cast(images, 'float32'), factor), shift);
  });
}

/**
 * Pixel-wise classification by cross-entropy; pixels labelled `ignore` count nowhere. Its methods throw E_USAGE for a network that
 * gives one answer per picture.
 */
export function segmentation(preprocessing: Preprocessing, ignore: number): Task {
  const logits = (network: Network, images: tf.Tensor4D, training: boolean): tf.Tensor4D => {
    if (network.task !== 'segmentation') {
      const got = `${network.spec.name}, which is made for ${network.task}`;
      fail('E_USAGE', { where: 'model', expected: 'a network for segmentation, such as drn-d-22', got });
    }
    return network.model.apply(normalize(images, preprocessing), { training }) as tf.Tensor4D;
  };
  return {
    loss: (network, images, labels) => softmaxCrossEntropy(logits(network, images, true), labels, ignore),
    logits: (network, images) => tf.tidy(() => logits(network, images, false)),
    predict: (network, images) => tf.tidy(() => tf.argMax(logits(network, images, false), -1) as tf.Tensor3D),
  };
}
