import tf from '../common/tf.cjs';

/** Share of each side of a picture that says nothing of a distortion: what lies around the picture, zeros or a gray frame, is not distorted with it. */
const BORDER = 1 / 8;

/**
 * What a stem puts out, place by place, without places near the sides of the picture.
 *
 * @param output channels last: `[batch, ..., channels]`
 * @returns `[places, channels]`
 */
export function placesOf(output: tf.Tensor): tf.Tensor2D {
  const { shape } = output;
  const borders = shape.map((length, axis) =>
    shape.length < 4 || axis === 0 || axis === shape.length - 1 ? 0 : Math.floor(length * BORDER),
  );
  const inner = tf.slice(
    output,
    borders,
    shape.map((length, axis) => length - 2 * borders[axis]!),
  );
  return tf.reshape(inner, [-1, shape.at(-1)!]);
}
