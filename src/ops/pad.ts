import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';

/** What lies beyond the border: a number, the picture mirrored about the outermost pixel or about its edge, that pixel's copies, or the picture again. */
export type PadMode = 'constant' | 'reflect' | 'symmetric' | 'edge' | 'wrap';

/**
 * Adds to the ends of axes, or cuts off them where a number is negative.
 *
 * @param x any rank and type
 * @param paddings `[before, behind]` for each axis of `x`
 * @param value of `constant`
 * @returns `x.shape[axis] + before + behind` along each axis; differentiable: what is copied gives its gradient to where it was copied from
 * @throws E_SHAPE where `paddings` do not fit `x`
 * @source ONNX, Pad; `symmetric` is numpy's
 */
export function pad(x: tf.Tensor, paddings: [number, number][], mode: PadMode = 'constant', value = 0): tf.Tensor {
  if (paddings.length !== x.rank)
    fail('E_SHAPE', { where: 'pad', expected: `${x.rank} pairs of paddings`, got: String(paddings.length) });
  return tf.tidy(() => {
    const kept = cut(x, paddings);
    const added = paddings.map(([before, behind]): [number, number] => [Math.max(0, before), Math.max(0, behind)]);
    if (added.every(([before, behind]) => before + behind === 0)) return kept === x ? tf.clone(x) : kept;
    if (mode === 'constant') return tf.pad(kept, added, value);
    const isMirror = mode === 'reflect' || mode === 'symmetric';
    const room = mode === 'reflect' ? 1 : 0;
    // TensorFlow mirrors once; ONNX goes on to and fro.
    if (isMirror && kept.rank <= 4 && added.every((pair, axis) => Math.max(...pair) <= kept.shape[axis]! - room))
      return tf.mirrorPad(kept, added, mode);
    return added.reduce((y, [before, behind], axis) => {
      if (before + behind === 0) return y;
      const size = y.shape[axis]!;
      const places = Int32Array.from({ length: before + size + behind }, (_, i) => placeOf[mode](i - before, size));
      return tf.gather(y, tf.tensor1d(places, 'int32'), axis);
    }, kept);
  });
}

/** Where the value beyond the border, at `at` of an axis of `size`, comes from. */
const placeOf: Record<Exclude<PadMode, 'constant'>, (at: number, size: number) => number> = {
  edge: (at, size) => Math.min(size - 1, Math.max(0, at)),
  wrap: (at, size) => modulo(at, size),
  // Mirrored again and again: to the end, and back without the outermost, or with it.
  reflect: (at, size) => {
    const period = Math.max(1, 2 * size - 2);
    return Math.min(modulo(at, period), modulo(-at, period));
  },
  symmetric: (at, size) => Math.min(modulo(at, 2 * size), modulo(-1 - at, 2 * size)),
};

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}

function cut(x: tf.Tensor, paddings: [number, number][]): tf.Tensor {
  if (paddings.every((pair) => Math.min(...pair) >= 0)) return x;
  const begin = paddings.map(([before]) => Math.max(0, -before));
  const size = paddings.map(([, behind], axis) => x.shape[axis]! - begin[axis]! - Math.max(0, -behind));
  if (size.some((length) => length < 0))
    fail('E_SHAPE', { where: 'pad', expected: 'to cut off no more than there is', got: `${JSON.stringify(paddings)} of [${x.shape}]` }); // prettier-ignore
  return tf.slice(x, begin, size);
}
