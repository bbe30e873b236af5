import * as tf from '@tensorflow/tfjs';
import { normalize, segmentation, type Preprocessing, type Task } from '../models/task.js';
import { softmaxCrossEntropy } from '../ops/index.js';

/** How stability training weighs and disturbs. */
export interface StabilityOptions {
  /** Weight of the distance between the outputs; 0 and more. */
  alpha: number;
  /** Standard deviation of the noise on images in 0..1; over 0. */
  sigma: number;
}

/**
 * Pixel-wise classification that is to answer the same on an image and on that image with Gaussian noise:
 * `L = cross-entropy(x) + alpha KL(P(x) || P(x + N(0, sigma^2)))`, both averaged over the pixels that count.
 *
 * Image and disturbed image go through the network as one batch, so that both are normalized by the same statistics.
 *
 * @source Zheng et al., Improving the Robustness of Deep Neural Networks via Stability Training (CVPR 2016), Eq. 2 to 5; their Eq. 5 leaves
 *   out the entropy of P(x), with which the distance of equal outputs is 0
 */
export function stabilityTask(preprocessing: Preprocessing, ignore: number, { alpha, sigma }: StabilityOptions): Task {
  return {
    ...segmentation(preprocessing, ignore),
    needsNoise: true,
    loss: (network, images, labels: tf.Tensor, noise) =>
      tf.tidy(() => {
        const clean = normalize(images, preprocessing);
        // Normalization divides by the channel's deviation, and so does what is added before it.
        const disturbed = tf.add(clean, tf.mul(noise!, tf.tensor1d(preprocessing.std.map((std) => sigma / std))));
        const both = network.model.apply(tf.concat([clean, disturbed], 0), { training: true }) as tf.Tensor4D;
        const [logits, others] = tf.split(both, 2, 0) as [tf.Tensor4D, tf.Tensor4D];
        const distance = meanDivergence(logits, others, labels as tf.Tensor3D, ignore);
        return tf.add(softmaxCrossEntropy(logits, labels, ignore), tf.mul(distance, alpha)) as tf.Scalar;
      }),
  };
}

/**
 * Kullback-Leibler divergence of two softmax outputs, averaged over the pixels that count.
 *
 * @param logits `[batch, height, width, classes]` of P
 * @param others the same of Q
 * @returns scalar `mean sum_j P_j (log P_j - log Q_j)`, at least 0, differentiable in both
 */
export function meanDivergence(
  logits: tf.Tensor4D,
  others: tf.Tensor4D,
  labels: tf.Tensor3D,
  ignore: number,
): tf.Scalar {
  return tf.tidy(() => {
    const [p, q] = [tf.logSoftmax(logits), tf.logSoftmax(others)];
    const perPixel = tf.sum(tf.mul(tf.exp(p), tf.sub(p, q)), -1);
    const counts = tf.cast(tf.notEqual(labels, tf.scalar(ignore, 'int32')), 'float32');
    return tf.div(tf.sum(tf.mul(perPixel, counts)), tf.maximum(tf.sum(counts), 1)) as tf.Scalar;
  });
}
