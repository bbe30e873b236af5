import tf from '../common/tf.cjs';
import { centerWindow, type Fit, sizeByShorterSide } from '../image/fit.js';
import { resizeWeights } from '../image/resize.js';

/**
 * `fitPixels` within a graph, for pictures of one size: each axis is a product with a matrix, after which pixels are whole numbers again. A sum
 * that lies between two of them to within rounding may go to the other one.
 *
 * @param images `[batch, height, width, 3]`, 0..255, int32
 * @returns `[batch, crop, crop, 3]`, float32
 */
export function fitTensor(images: tf.Tensor4D, { resize, crop }: Fit): tf.Tensor4D {
  const [batch, height, width] = images.shape;
  const scaled = sizeByShorterSide({ width, height }, resize);
  const { x, y } = centerWindow(scaled, crop);
  const matrix = (size: number, to: number, from: number): tf.Tensor2D =>
    tf.tensor2d(resizeWeights(size, to, from, crop), [crop, size]);
  /** The last axis by a matrix `[crop, size]`, to whole numbers. */
  const along = (values: tf.Tensor, weights: tf.Tensor2D): tf.Tensor => {
    const size = values.shape.at(-1)!;
    const rows = tf.matMul(tf.reshape(values, [-1, size]), weights, false, true);
    return tf.reshape(tf.floor(tf.add(rows, 0.5)), [...values.shape.slice(0, -1), crop]);
  };
  return tf.tidy(() => {
    const planes = tf.transpose(tf.cast(images, 'float32'), [0, 3, 1, 2]); //              [b, 3, height, width]
    const across = along(planes, matrix(width, scaled.width, x)); //                       [b, 3, height, crop]
    const down = along(tf.transpose(across, [0, 1, 3, 2]), matrix(height, scaled.height, y)); // [b, 3, crop, crop], x before y
    return tf.reshape(tf.transpose(down, [0, 3, 2, 1]), [batch, crop, crop, 3]);
  });
}
