import tf from '../../common/tf.cjs';
import { binaryCrossEntropy, smoothL1, softmaxCrossEntropy } from '../../ops/index.js';
import type { InstanceSamples, SampledOutputs } from './samples.js';

/** Where the two losses of boxes turn from quadratic to linear. */
export const BETA = 1 / 9;

/**
 * How wrong a detector is on the samples that teach it: five scalars, averages over the batch, of which training follows the sum.
 *
 * @source torchvision, models/detection/rpn.py: compute_loss; roi_heads.py: fastrcnn_loss, maskrcnn_loss
 */
export function detectorLosses(outputs: SampledOutputs, samples: InstanceSamples): Record<string, tf.Scalar> {
  return tf.tidy(() => ({
    ...anchorLosses(outputs, samples),
    ...regionLosses(outputs, samples),
    ...(outputs.masks && { masks: maskLoss(outputs.masks, samples) }),
  }));
}

/** Of the region proposal network. */
function anchorLosses({ objectness, deltas }: SampledOutputs, samples: InstanceSamples): Record<string, tf.Scalar> {
  const { anchorLabels, anchorWeights, anchorTargets } = samples;
  const count = tf.maximum(tf.sum(anchorWeights), 1);
  const boxes = tf.mul(smoothL1(deltas, anchorTargets, BETA), tf.expandDims(anchorLabels, 1));
  return {
    objectness: tf.div(tf.sum(tf.mul(binaryCrossEntropy(objectness, anchorLabels), anchorWeights)), count),
    proposals: tf.div(tf.sum(boxes), count),
  };
}

/** Of the box head. */
function regionLosses({ logits, codes }: SampledOutputs, samples: InstanceSamples): Record<string, tf.Scalar> {
  const { regionLabels, regionTargets } = samples;
  const [places, classes] = logits.shape;
  const isObject = hot(regionLabels, classes);
  const own = tf.sum(tf.mul(tf.reshape(codes, [places, classes, 4]), tf.expandDims(isObject, 2)), 1) as tf.Tensor2D;
  const count = tf.sum(tf.cast(tf.greaterEqual(regionLabels, tf.scalar(0, 'int32')), 'float32'));
  return {
    classes: softmaxCrossEntropy(logits, regionLabels, -1),
    // Codes and targets are both 0 where there is no object.
    boxes: tf.div(tf.sum(smoothL1(own, regionTargets, BETA)), tf.maximum(count, 1)),
  };
}

/** Of the mask head. */
function maskLoss(logits: tf.Tensor4D, { maskLabels, maskTargets }: InstanceSamples): tf.Scalar {
  const [places, height, width, classes] = logits.shape;
  const isOwn = hot(maskLabels, classes);
  const own = tf.sum(tf.mul(logits, tf.reshape(isOwn, [places, 1, 1, classes])), 3) as tf.Tensor3D;
  const isFilled = tf.sum(isOwn, 1);
  const losses = tf.mul(binaryCrossEntropy(own, maskTargets), tf.reshape(isFilled, [places, 1, 1]));
  return tf.div(tf.sum(losses), tf.mul(tf.maximum(tf.sum(isFilled), 1), height * width));
}

/** 1 at each one's class, 0 elsewhere and for labels below 1: `[places, classes]`. */
function hot(labels: tf.Tensor1D, classes: number): tf.Tensor2D {
  const ids = tf.range(1, classes, 1, 'int32');
  const own = tf.cast(tf.equal(tf.expandDims(labels, 1), ids), 'float32') as tf.Tensor2D;
  return tf.pad(own, [[0, 0], [1, 0]]); // prettier-ignore
}
