import tf from '../common/tf.cjs';
import type { DistanceOptions } from './task.js';

export interface DivergenceOptions {
  /** 1 where a place counts, 0 elsewhere, `[batch, ...]`. Default: all count. */
  counts?: tf.Tensor;
  /** What logits are divided by: the higher, the more do classes beside the best one weigh. Default: 1. */
  temperature?: number;
}

/**
 * Kullback-Leibler divergence of two softmax outputs, averaged over the places that count: pixels, or images.
 *
 * @param logits `[batch, ..., classes]` of P
 * @param others the same of Q
 * @returns scalar `mean sum_j P_j (log P_j - log Q_j)`, at least 0, differentiable in both
 */
export function meanDivergence(
  logits: tf.Tensor,
  others: tf.Tensor,
  { counts, temperature = 1 }: DivergenceOptions = {},
): tf.Scalar {
  return tf.tidy(() => {
    const softened = (x: tf.Tensor): tf.Tensor => tf.logSoftmax(temperature === 1 ? x : tf.div(x, temperature));
    const [p, q] = [softened(logits), softened(others)];
    const perPlace = tf.sum(tf.mul(tf.exp(p), tf.sub(p, q)), -1);
    if (!counts) return tf.mean(perPlace) as tf.Scalar;
    return tf.div(tf.sum(tf.mul(perPlace, counts)), tf.maximum(tf.sum(counts), 1)) as tf.Scalar;
  });
}

/**
 * Distance of two answers that are logits of classes, `{ logits }` `[batch, ..., classes]`: `T^2 KL(P || Q)`, averaged over the places that count,
 * of softmax outputs at temperature T.
 *
 * @param ignore the label of places that count nowhere, in `targets.labels`
 * @source Hinton, Vinyals, Dean, Distilling the Knowledge in a Neural Network (2015), which also has the factor T^2, with which gradients
 *   keep their size
 */
export function classDistance(
  { logits }: tf.NamedTensorMap,
  { logits: others }: tf.NamedTensorMap,
  ignore: number,
  { temperature = 1, targets }: DistanceOptions = {},
): tf.Scalar {
  const counts = targets && tf.cast(tf.notEqual(targets['labels']!, tf.scalar(ignore, 'int32')), 'float32');
  const divergence = meanDivergence(logits!, others!, { counts, temperature });
  return temperature === 1 ? divergence : tf.mul(divergence, temperature ** 2);
}

/** Keeps the distance of outputs that are 0 finite. */
const LEAST = 1e-12;

/** Squared distance of an output from an answer, in terms of the answer's own square: `|y - a|^2 / |a|^2`, over the whole batch. */
export function relativeDistance(answer: tf.Tensor, output: tf.Tensor): tf.Scalar {
  return tf.tidy(() =>
    tf.div(tf.sum(tf.squaredDifference(output, answer)), tf.maximum(tf.sum(tf.square(answer)), LEAST)),
  );
}
