import tf from '../../common/tf.cjs';
import { gradientOfOne } from './gradient-of-one.js';

/** The sums from the other end. TensorFlow.js turns the result's axes once too often, unless the axis is the last. */
export const cumsumGradient = gradientOfOne<tf.CumsumAttrs>(tf.Cumsum, 'x', (dy, _x, { axis, exclusive, reverse }) =>
  tf.cumsum(dy, axis, exclusive, !reverse),
);
