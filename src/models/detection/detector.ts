import type tf from '../../common/tf.cjs';
import type { Size } from '../../image/resize.js';
import type { InstanceSamples, SampledOutputs } from '../../tasks/detection/samples.js';
import type { Statistics } from '../statistics.js';
import type { DetectionTensors } from './detections.js';
import type { AnchorOutputs, Proposals } from './proposals.js';
import type { DetectorSettings } from './settings.js';

/** What is computed of a picture once: `[batch, height, width, channels]` at 1/4 to 1/32 of its sides, and what is said of all anchors. */
export interface Features extends AnchorOutputs {
  pyramid: tf.Tensor4D[];
}

/** The parts of a network that finds things. Who calls them puts a `tf.tidy` around them. */
export interface Detector {
  settings: DetectorSettings;
  /** Anchors of a picture of this size, `[anchors, 4]`. */
  anchors(size: Size): Float32Array;
  /** @param images `[batch, height, width, 3]` in 0..255, sides multiples of 32 */
  features(images: tf.Tensor4D, statistics?: (group: string) => Statistics): Features;
  /**
   * Regions that may hold something.
   *
   * @param size of the batch
   * @param sizes of the images within it, `[batch, 2]`: height, width
   */
  propose(features: Features, size: Size, sizes: tf.Tensor2D, purpose: 'training' | 'inference'): Proposals;
  /** Things in the images, and their masks `[batch, places, 28, 28]`, 0..1 within each box. */
  detect(features: Features, proposals: Proposals, sizes: tf.Tensor2D): DetectionTensors & { masks: tf.Tensor4D };
  /** What is said of anchors and regions that teach. */
  sampled(features: Features, samples: InstanceSamples): SampledOutputs;
}
