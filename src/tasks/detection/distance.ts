import tf from '../../common/tf.cjs';
import { smoothL1 } from '../../ops/index.js';
import { meanDivergence } from '../divergence.js';
import { sigmoidDivergence } from '../foreground/cross-entropy.js';
import type { DistanceOptions } from '../task.js';
import { BETA } from './losses.js';
import type { InstanceSamples, SampledOutputs } from './samples.js';

/**
 * How far two detectors are apart before anything is selected, at the same anchors and regions: the divergence of what they say of anchors,
 * classes and pixels of masks, and smooth L1 of the codes of boxes, each of which weighs what the first detector is sure that it holds. Masks of all
 * classes count alike, background's apart. Each part is an average over its samples, and 0 where both say the same.
 *
 * @param answers of the detector that is right
 * @param targets the samples: what lies in places that are free does not count. Default: none is free
 * @returns the sum, differentiable in both
 * @source the losses of torchvision's detectors, with a detector in the labels' place; temperature after Hinton et al., 2015
 */
export function detectorDistance(
  answers: SampledOutputs,
  outputs: SampledOutputs,
  { temperature = 1, targets = {} }: DistanceOptions = {},
): tf.Scalar {
  const samples = targets as Partial<Record<keyof InstanceSamples, tf.Tensor>>;
  return tf.tidy(() => {
    const anchors = samples.anchorWeights ?? tf.onesLike(answers.objectness);
    const regions = filled(samples.regionLabels, 0, answers.logits);
    const parts = [
      sigmoidDivergence(answers.objectness, outputs.objectness, { counts: anchors, temperature }),
      codesApart(answers.deltas, outputs.deltas, tf.mul(tf.sigmoid(answers.objectness), anchors), anchors),
      tf.mul(meanDivergence(answers.logits, outputs.logits, { counts: regions, temperature }), temperature ** 2),
      boxesApart(answers, outputs, regions),
      ...(answers.masks ? [masksApart(answers.masks, outputs.masks!, samples.maskLabels)] : []),
    ];
    return parts.reduce<tf.Tensor>((sum, part) => tf.add(sum, part), tf.scalar(0)) as tf.Scalar;
  });
}

/** 1 in places that a sample fills, of `least` and above, 0 in free ones: `[places]`. */
function filled(labels: tf.Tensor | undefined, least: number, { shape }: tf.Tensor): tf.Tensor {
  if (!labels) return tf.ones([shape[0]!]);
  return tf.cast(tf.greaterEqual(labels, tf.scalar(least, 'int32')), 'float32');
}

/** @param weights of each code's four numbers */
function codesApart(codes: tf.Tensor, others: tf.Tensor, weights: tf.Tensor, counts: tf.Tensor): tf.Tensor {
  const apart = tf.mul(smoothL1(others, codes, BETA), tf.expandDims(weights, -1));
  return tf.div(tf.sum(apart), tf.maximum(tf.sum(counts), 1));
}

/** Of the box head, each class by how likely it is. */
function boxesApart(answers: SampledOutputs, outputs: SampledOutputs, counts: tf.Tensor): tf.Tensor {
  const [places, classes] = answers.logits.shape;
  const ofClasses = (codes: tf.Tensor2D): tf.Tensor => tf.reshape(codes, [places, classes, 4]);
  const objects = tf.pad(tf.ones([1, classes - 1]), [[0, 0], [1, 0]]); // prettier-ignore
  const weights = tf.mul(tf.mul(tf.softmax(answers.logits), objects), tf.expandDims(counts, 1));
  return codesApart(ofClasses(answers.codes), ofClasses(outputs.codes), weights, counts);
}

function masksApart(masks: tf.Tensor4D, others: tf.Tensor4D, labels: tf.Tensor | undefined): tf.Tensor {
  const [places, height, width, classes] = masks.shape;
  const objects = (x: tf.Tensor4D): tf.Tensor => tf.slice(x, [0, 0, 0, 1], [-1, -1, -1, classes - 1]);
  const counts = tf.reshape(filled(labels, 1, masks), [places, 1, 1, 1]);
  const all = tf.mul(counts, tf.ones([places, height, width, classes - 1]));
  return sigmoidDivergence(objects(masks), objects(others), { counts: all });
}
