import tf from '../common/tf.cjs';
import { nativeBackend } from '../engine/native.js';
import { sizeOf } from './shapes.js';

/**
 * A matrix product whose batches broadcast as numpy's do. TensorFlow.js' own is silently wrong on wasm and cpu where an axis of 1 stands
 * before or between others, or on both sides: there the operand is repeated first.
 *
 * @param a `[...batch, m, k]`, or `[...batch, k, m]` with `transposeA`; rank 2 or more
 * @param b `[...batch, k, n]`, or `[...batch, n, k]` with `transposeB`
 * @returns `[...batch, m, n]`; differentiable
 */
export function matMul(a: tf.Tensor, b: tf.Tensor, transposeA = false, transposeB = false): tf.Tensor {
  if (nativeBackend()) return tf.matMul(a, b, transposeA, transposeB);
  return tf.tidy(() => {
    const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return tf.matMul(repeated(a, batch), repeated(b, batch), transposeA, transposeB);
  });
}

/** The operand itself where the engines find their way through its batches: there are all, or the last ones whole, or just one. */
function repeated(x: tf.Tensor, batch: number[]): tf.Tensor {
  const own = x.shape.slice(0, -2);
  const first = own.findIndex((size) => size !== 1);
  const whole = first < 0 ? [] : own.slice(first);
  if (sizeOf(own) === 1 || whole.every((size, i) => size === batch[batch.length - whole.length + i])) return x;
  return tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
}
