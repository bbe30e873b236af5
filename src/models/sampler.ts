import type tf from '../common/tf.cjs';
import type { Random } from '../common/random.js';
import type { Collated } from '../tasks/arrays.js';

/** Draws what teaches a network in one batch, from what the network answers now; on the running engine. */
export interface Sampler {
  /**
   * @param images `[batch, height, width, 3]` in 0..255
   * @param targets of the batch; without them what is drawn lies where things are likely, and teaches by another network's answers alone
   * @param random the same state, weights and batch draw the same
   * @returns tensors by name, which the caller disposes
   */
  draw(images: tf.Tensor4D, targets: Collated | undefined, random: Random): tf.NamedTensorMap;
  dispose(): void;
}
