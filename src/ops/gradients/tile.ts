import tf from '../../common/tf.cjs';
import { aroundAxis } from '../shapes.js';
import { gradientOfOne } from './gradient-of-one.js';

/** The sum over the copies, axis by axis, for any rank; TensorFlow.js' own ends at 4 and takes an op per copy. `broadcastTo` is a tile too. */
export const tileGradient = gradientOfOne<tf.TileAttrs>(tf.Tile, 'x', (dy, x, { reps }) => {
  const shape = [...dy.shape];
  let dx = dy;
  reps.forEach((count, axis) => {
    if (count === 1) return;
    const size = x.shape[axis]!;
    const [before, , after] = aroundAxis(shape, axis);
    dx = tf.sum(tf.reshape(dx, [before, count, size * after]), 1);
    shape[axis] = size;
  });
  return tf.reshape(dx, x.shape);
});
