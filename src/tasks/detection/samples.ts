import type tf from '../../common/tf.cjs';

/**
 * What teaches a detector in one batch. A compiled graph asks for fixed shapes, so there are as many places as there can be samples; what lies in
 * places that are free is 0 unless it says otherwise.
 */
export interface InstanceSamples {
  /** Anchors, by their index among those of the batch, image by image: `[anchor places]` int32. */
  anchors: tf.Tensor1D;
  /** 1 where an anchor holds an object, 0 where it holds none. */
  anchorLabels: tf.Tensor1D;
  /** 1, and 0 in places that are free. */
  anchorWeights: tf.Tensor1D;
  /** Codes of the objects' boxes, `[anchor places, 4]`; 0 where there is none. */
  anchorTargets: tf.Tensor2D;
  /** x1, y1, x2, y2 of regions, `[region places, 4]`. */
  regions: tf.Tensor2D;
  /** Image of each within the batch, int32. */
  regionImages: tf.Tensor1D;
  /** Class of each, int32: 0 is background, -1 says that a place is free. */
  regionLabels: tf.Tensor1D;
  /** Codes of the objects' boxes, `[region places, 4]`; 0 where there is none. */
  regionTargets: tf.Tensor2D;
  /** Regions that hold an object once more, `[mask places, 4]`. */
  maskRegions: tf.Tensor2D;
  maskImages: tf.Tensor1D;
  /** Class of each, int32; 0 says that a place is free. */
  maskLabels: tf.Tensor1D;
  /** `[mask places, 28, 28]`, 0..1. */
  maskTargets: tf.Tensor3D;
}

/** What a detector says of the samples. */
export interface SampledOutputs {
  /** How likely each anchor holds something, as logits `[anchor places]`. */
  objectness: tf.Tensor1D;
  /** Codes of boxes for the anchors, `[anchor places, 4]`. */
  deltas: tf.Tensor2D;
  /** `[region places, classes]`. */
  logits: tf.Tensor2D;
  /** Codes of a box for each class, `[region places, 4 classes]`. */
  codes: tf.Tensor2D;
  /** Logits `[mask places, 28, 28, classes]`; absent where only boxes are found. */
  masks?: tf.Tensor4D;
}
