import type tf from '../common/tf.cjs';
import { Random } from '../common/random.js';
import type { NamedLayer } from './layers.js';

/** The layers of a network while it is put together, in the reference's order, and the seeds of their first weights. */
export class LayerList {
  readonly layers: NamedLayer[] = [];
  private readonly random: Random | null;

  /**
   * @param seed null leaves weights at 0, for ones that are loaded next
   * @param epsilon what normalizations add to variances. Default: the network's own
   */
  constructor(
    seed: number | null,
    readonly epsilon?: number,
  ) {
    this.random = seed === null ? null : Random.of(seed, 'weights');
  }

  /** A seed for one layer. */
  draw(): number | null {
    return this.random && this.random.integer(2 ** 31);
  }

  /** Takes a layer in and applies it. */
  apply(layer: NamedLayer, x: tf.SymbolicTensor): tf.SymbolicTensor {
    this.layers.push(layer);
    return layer.apply(x) as tf.SymbolicTensor;
  }
}

/** Channels of a layer in a network of another width: multiples of 8, and at least 8. */
export function narrowed(channels: number, width: number): number {
  return Math.max(8, Math.round((channels * width) / 8) * 8);
}
