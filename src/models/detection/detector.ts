import type * as tf from '@tensorflow/tfjs';
import type { Size } from '../../image/resize.js';
import type { Statistics } from '../statistics.js';
import type { DetectionTensors } from './detections.js';
import type { AnchorSamples, MaskSamples, RegionSamples } from './losses.js';
import type { AnchorOutputs, Proposals } from './proposals.js';
import type { DetectorSettings } from './settings.js';

/** What is computed of a picture once: `[batch, height, width, channels]` at 1/4 to 1/32 of its sides, and what is said of all anchors. */
export interface Features extends AnchorOutputs {
  pyramid: tf.Tensor4D[];
}

/** Everything that one training step learns from. */
export type InstanceSamples = AnchorSamples & RegionSamples & MaskSamples;

/** The parts of a network that finds things, for whoever trains it: between `propose` and `losses` samples are drawn, in plain numbers. */
export interface Detector {
  settings: DetectorSettings;
  /** Anchors of a picture of this size, `[anchors, 4]`. */
  anchors(size: Size): Float32Array;
  /** @param images `[batch, height, width, 3]` in 0..255, sides multiples of 32 */
  features(images: tf.Tensor4D, statistics?: (group: string) => Statistics): Features;
  /**
   * Regions that may hold something.
   *
   * @param sizes of the images within the batch's padded size, `[batch, 2]`: height, width
   */
  propose(features: Features, images: tf.Tensor4D, sizes: tf.Tensor2D, purpose: 'training' | 'inference'): Proposals;
  /** Things in the images, and their masks `[batch, places, 28, 28]`, 0..1 within each box. */
  detect(features: Features, proposals: Proposals, sizes: tf.Tensor2D): DetectionTensors & { masks: tf.Tensor4D };
  /** Five scalars by name, averages over the batch: `objectness`, `proposals`, `classes`, `boxes`, `masks`. */
  losses(features: Features, samples: InstanceSamples): Record<string, tf.Scalar>;
}
