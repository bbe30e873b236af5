import type tf from '../../common/tf.cjs';
import { toTensorflow } from '../../models/layout.js';
import type { StateValues } from '../../models/state-dict.js';

/** The two factors of one convolution's change: a convolution to `rank` channels, and one by one back from them. */
export interface Factors {
  /** `[rank, in, height, width]` */
  down: StateValues;
  /** `[out, rank, 1, 1]` */
  up: StateValues;
}

/** Factors on the running engine, whose product is in the layout of TensorFlow's convolutions. */
export interface FactorTensors {
  /** `[height width in, rank]` */
  down: tf.Tensor2D;
  /** `[rank, out]` */
  up: tf.Tensor2D;
}

/**
 * A convolution's weight and the product of its factors: `w[o, i, y, x] + sum_r up[o, r] down[r, i, y, x]`.
 *
 * @param weight `[out, in, height, width]`
 */
export function addProduct({ shape, data }: StateValues, { down, up }: Factors): StateValues {
  const [rank] = down.shape as [number];
  const inside = down.data.length / rank;
  const change = new Float32Array(data.length);
  // In single precision at every step, as training computes it.
  for (let at = 0; at < data.length; at += inside) {
    for (let r = 0; r < rank; r++) {
      const factor = up.data[(at / inside) * rank + r]!;
      const from = r * inside;
      for (let i = 0; i < inside; i++) change[at + i]! += Math.fround(factor * down.data[from + i]!);
    }
  }
  for (let at = 0; at < data.length; at++) change[at]! += data[at]!;
  return { shape, data: change };
}

/** Factors as {@link FactorTensors} hold them. */
export function toMatrices({ down, up }: Factors): Factors {
  const [rank] = down.shape as [number];
  const [out] = up.shape as [number];
  const values = ({ shape, data }: StateValues): Float32Array => toTensorflow(data, { shape, layout: 'conv' });
  return {
    down: { shape: [down.data.length / rank, rank], data: values(down) },
    up: { shape: [rank, out], data: values(up) },
  };
}

/**
 * A weight and the product of its factors, the very numbers of {@link addProduct}: the product is made rank by rank, as in bf16 a matrix
 * product would be rounded, and the network would learn with other weights than the factors' own, which are what is saved.
 *
 * @param weight `[height, width, in, out]`
 */
export function addProductTensor(weight: tf.Tensor, { down, up }: FactorTensors): tf.Tensor {
  const [inside, rank] = down.shape;
  const out = up.shape[1];
  const terms = Array.from({ length: rank }, (_, r) => down.slice([0, r], [inside, 1]).mul(up.slice([r, 0], [1, out])));
  const product = terms.reduce((sum, term) => sum.add(term));
  return weight.add(product.reshape(weight.shape));
}
