import * as tf from '@tensorflow/tfjs';
import { binaryCrossEntropy, smoothL1, softmaxCrossEntropy } from '../../ops/index.js';
import type { RegionOutputs } from './detections.js';
import type { AnchorOutputs } from './proposals.js';

/** Where the two losses of boxes turn from quadratic to linear. */
const BETA = 1 / 9;

/** Anchors that teach, of all images of a batch, in as many places as all of them could have; what lies in free places is 0. */
export interface AnchorSamples {
  /** Index of each among the anchors of the batch, image by image: `[places]` int32. */
  anchors: tf.Tensor1D;
  /** 1 where an anchor holds an object, 0 where it holds none. */
  anchorLabels: tf.Tensor1D;
  /** 1, and 0 in places that are free. */
  anchorWeights: tf.Tensor1D;
  /** Codes of the objects' boxes, `[places, 4]`; 0 where there is none. */
  anchorTargets: tf.Tensor2D;
}

/** Regions that teach, of all images of a batch. */
export interface RegionSamples {
  /** `[places, 4]`. */
  regions: tf.Tensor2D;
  /** Image of each, `[places]` int32. */
  regionImages: tf.Tensor1D;
  /** Class of each, `[places]` int32: 0 is background, -1 says that a place is free. */
  regionLabels: tf.Tensor1D;
  /** Codes of the objects' boxes, `[places, 4]`; 0 where there is none. */
  regionTargets: tf.Tensor2D;
}

/** Regions that hold an object, of all images of a batch. */
export interface MaskSamples {
  maskRegions: tf.Tensor2D;
  maskImages: tf.Tensor1D;
  /** Class of each, `[places]` int32: 0 says that a place is free. */
  maskLabels: tf.Tensor1D;
  /** `[places, 28, 28]`, 0..1. */
  masks: tf.Tensor3D;
}

/**
 * How wrong the region proposal network is on the anchors that teach.
 *
 * @source torchvision, models/detection/rpn.py: compute_loss
 */
export function anchorLosses(outputs: AnchorOutputs, samples: AnchorSamples): Record<string, tf.Scalar> {
  const { anchors, anchorLabels, anchorWeights, anchorTargets } = samples;
  const logits = tf.gather(tf.reshape(outputs.objectness, [-1]), anchors) as tf.Tensor1D;
  const codes = tf.gather(tf.reshape(outputs.deltas, [-1, 4]), anchors) as tf.Tensor2D;
  const count = tf.maximum(tf.sum(anchorWeights), 1);
  const boxes = tf.mul(smoothL1(codes, anchorTargets, BETA), tf.expandDims(anchorLabels, 1));
  return {
    objectness: tf.div(tf.sum(tf.mul(binaryCrossEntropy(logits, anchorLabels), anchorWeights)), count),
    proposals: tf.div(tf.sum(boxes), count),
  };
}

/**
 * How wrong the box head is on the regions that teach.
 *
 * @source torchvision, models/detection/roi_heads.py: fastrcnn_loss
 */
export function regionLosses({ logits, deltas }: RegionOutputs, samples: RegionSamples): Record<string, tf.Scalar> {
  const { regionLabels, regionTargets } = samples;
  const [places, classes] = logits.shape;
  const isObject = hot(regionLabels, classes); // [places, classes]
  const codes = tf.reshape(deltas, [places, classes, 4]);
  const own = tf.sum(tf.mul(codes, tf.expandDims(isObject, 2)), 1) as tf.Tensor2D;
  const count = tf.sum(tf.cast(tf.greaterEqual(regionLabels, tf.scalar(0, 'int32')), 'float32'));
  return {
    classes: softmaxCrossEntropy(logits, regionLabels, -1),
    // Codes and targets are both 0 where there is no object.
    boxes: tf.div(tf.sum(smoothL1(own, regionTargets, BETA)), tf.maximum(count, 1)),
  };
}

/**
 * How wrong the mask head is on the regions that hold an object.
 *
 * @param logits `[places, 28, 28, classes]`
 * @source torchvision, models/detection/roi_heads.py: maskrcnn_loss
 */
export function maskLoss(logits: tf.Tensor4D, { maskLabels, masks }: MaskSamples): tf.Scalar {
  const [places, height, width, classes] = logits.shape;
  const isOwn = hot(maskLabels, classes);
  const own = tf.sum(tf.mul(logits, tf.reshape(isOwn, [places, 1, 1, classes])), 3) as tf.Tensor3D;
  const isFilled = tf.sum(isOwn, 1);
  const losses = tf.mul(binaryCrossEntropy(own, masks), tf.reshape(isFilled, [places, 1, 1]));
  return tf.div(tf.sum(losses), tf.mul(tf.maximum(tf.sum(isFilled), 1), height * width));
}

/** 1 at each one's class, 0 elsewhere and for labels below 1: `[places, classes]`. */
function hot(labels: tf.Tensor1D, classes: number): tf.Tensor2D {
  const ids = tf.range(1, classes, 1, 'int32');
  const own = tf.cast(tf.equal(tf.expandDims(labels, 1), ids), 'float32') as tf.Tensor2D;
  return tf.pad(own, [[0, 0], [1, 0]]); // prettier-ignore
}
