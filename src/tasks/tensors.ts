import tf from '../common/tf.cjs';
import type { Collated } from './arrays.js';

/** Tensors of collated values, under the same names; the caller disposes them. */
export function tensorsOf(collated: Collated): tf.NamedTensorMap {
  return Object.fromEntries(
    Object.entries(collated).map(([name, { data, shape, dtype }]) => [name, tf.tensor(data, [...shape], dtype)]),
  );
}
