import tf from '../../common/tf.cjs';
import type { Size } from '../../image/resize.js';

/** Pixels of zeros around a mask before it is enlarged. */
const PAD = 1;

/**
 * Masks of boxes in their pictures, as `pasteMask` of src/detect has them in plain numbers: bilinear weights of rows and of columns, and a product of
 * matrices, so that it can be part of a graph.
 *
 * @param masks `[batch, n, side, side]`, 0..1
 * @param boxes `[batch, n, 4]`: x1, y1, x2, y2 in the picture
 * @returns `[batch, n, height, width]`, 0..1; 0 outside of the boxes
 * @source torchvision's `paste_masks_in_image`
 */
export function pasteTensors(masks: tf.Tensor4D, boxes: tf.Tensor3D, { width, height }: Size): tf.Tensor4D {
  return tf.tidy(() => {
    const side = masks.shape[3] + 2 * PAD;
    const padded = tf.pad(masks, [[0, 0], [0, 0], [PAD, PAD], [PAD, PAD]]); // prettier-ignore
    const [x1, y1, x2, y2] = tf.split(boxes, 4, 2) as tf.Tensor[];
    const scale = side / masks.shape[3];
    const rows = weightsOf(y1!, y2!, { count: height, side, scale });
    const columns = weightsOf(x1!, x2!, { count: width, side, scale });
    return tf.matMul(tf.matMul(rows, padded), columns, false, true) as tf.Tensor4D;
  });
}

/** What each of `count` pixels takes of the padded mask's, `[batch, n, count, side]`. */
function weightsOf(
  from: tf.Tensor,
  to: tf.Tensor,
  { count, side, scale }: { count: number; side: number; scale: number },
): tf.Tensor {
  const half = tf.mul(tf.mul(tf.sub(to, from), 0.5), scale);
  const centre = tf.mul(tf.add(to, from), 0.5);
  const whole = (x: tf.Tensor): tf.Tensor => tf.cast(tf.cast(x, 'int32'), 'float32');
  const first = whole(tf.sub(centre, half));
  const length = tf.maximum(tf.add(tf.sub(whole(tf.add(centre, half)), first), 1), 1);
  const place = tf.sub(tf.range(0, count), first); // [batch, n, count]
  const isInside = tf.logicalAnd(tf.greaterEqual(place, 0), tf.less(place, length));
  const at = tf.sub(tf.mul(tf.div(side, length), tf.add(place, 0.5)), 0.5);
  const near = tf.minimum(tf.maximum(at, 0), side - 1);
  const apart = tf.abs(tf.sub(tf.expandDims(near, 3), tf.range(0, side)));
  return tf.mul(tf.relu(tf.sub(1, apart)), tf.expandDims(tf.cast(isInside, 'float32'), 3));
}
