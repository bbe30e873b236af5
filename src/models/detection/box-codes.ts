import tf from '../../common/tf.cjs';
import { LARGEST_GROWTH, type CoderWeights } from '../../detect/box-coder.js';

/**
 * The boxes that codes stand for, as `decodeBoxes` of src/detect computes them in plain numbers.
 *
 * @param codes `[..., 4]`
 * @param boxes that the codes are relative to, `[..., 4]`
 * @returns `[..., 4]`: x1, y1, x2, y2
 */
export function decode(codes: tf.Tensor, boxes: tf.Tensor, weights: CoderWeights): tf.Tensor {
  return tf.tidy(() => {
    const [x1, y1, x2, y2] = tf.split(boxes, 4, -1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const [dx, dy, dw, dh] = tf.split(tf.div(codes, tf.tensor1d([...weights])), 4, -1) as typeof boxes[]; // prettier-ignore
    const along = (from: tf.Tensor, to: tf.Tensor, shift: tf.Tensor, growth: tf.Tensor): [tf.Tensor, tf.Tensor] => {
      const size = tf.sub(to, from);
      const center = tf.add(tf.mul(shift, size), tf.add(from, tf.mul(0.5, size)));
      const half = tf.mul(0.5, tf.mul(tf.exp(tf.minimum(growth, LARGEST_GROWTH)), size));
      return [tf.sub(center, half), tf.add(center, half)];
    };
    const [left, right] = along(x1, x2, dx!, dw!);
    const [top, bottom] = along(y1, y2, dy!, dh!);
    return tf.concat([left, top, right, bottom], -1);
  });
}

/**
 * Boxes cut to their image.
 *
 * @param boxes `[..., 4]`
 * @param size of the image, `[2]`: height, width
 */
export function clip(boxes: tf.Tensor, size: tf.Tensor1D): tf.Tensor {
  return tf.tidy(() => tf.minimum(tf.maximum(boxes, 0), tf.gather(size, tf.tensor1d([1, 0, 1, 0], 'int32'))));
}

/** Whether boxes `[n, 4]` are at least so many pixels wide and high: `[n]` bool. */
export function isLarge(boxes: tf.Tensor2D, side: number): tf.Tensor1D {
  return tf.tidy(() => {
    const sides = tf.sub(tf.slice(boxes, [0, 2], [-1, 2]), tf.slice(boxes, [0, 0], [-1, 2]));
    return tf.all(tf.greaterEqual(sides, side), 1) as tf.Tensor1D;
  });
}
