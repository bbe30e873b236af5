import tf from '../common/tf.cjs';
import { aroundAxis } from './shapes.js';

/**
 * Puts the values of an axis at `first`, `first + stride`, ... of a longer one, and zeros between them.
 *
 * @param size of the new axis, at least `first + (count - 1) stride + 1`
 */
export function spread(x: tf.Tensor, axis: number, stride: number, first: number, size: number): tf.Tensor {
  const shape = [...x.shape];
  const [before, count, after] = aroundAxis(shape, axis);
  shape[axis] = size;
  const reach = (count - 1) * stride + 1;
  let spaced = tf.reshape(x, [before, count, after]);
  if (stride > 1 && count > 1) {
    const cells = tf.pad(tf.reshape(x, [before, count, 1, after]), [[0, 0], [0, 0], [0, stride - 1], [0, 0]]); // prettier-ignore
    spaced = tf.slice(tf.reshape(cells, [before, count * stride, after]), [0, 0, 0], [before, reach, after]);
  }
  const padded = reach === size ? spaced : tf.pad(spaced, [[0, 0], [first, size - first - reach], [0, 0]]); // prettier-ignore
  return tf.reshape(padded, shape);
}
