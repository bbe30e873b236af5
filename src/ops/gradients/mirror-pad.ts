import tf from '../../common/tf.cjs';
import { attributes } from '../../engine/attrs.js';
import { nativeBackend } from '../../engine/native.js';
import { gradientOfOne } from './gradient-of-one.js';

/** `dx` of a mirrored border, which is folded back onto what it shows; TensorFlow.js cuts it off, and is silently wrong near the border. */
export const mirrorPadGradient = gradientOfOne<tf.MirrorPadAttrs>(tf.MirrorPad, 'x', (dy, x, { paddings, mode }) => {
  const backend = nativeBackend();
  if (backend) {
    const make = attributes(backend.binding);
    const sides = tf.tensor2d(paddings.flat(), [paddings.length, 2], 'int32');
    return backend.executeSingleOutput(
      'MirrorPadGrad',
      [
        make.type('T', backend.binding.TF_FLOAT),
        make.type('Tpaddings', backend.binding.TF_INT32),
        make.text('mode', mode.toUpperCase()),
      ],
      [dy, sides],
    );
  }
  return paddings.reduce((dx, [before, behind], axis) => fold(dx, axis, x.shape[axis]!, before, behind, mode), dy);
});

/** The borders of one axis, turned and added. */
function fold(
  dy: tf.Tensor,
  axis: number,
  size: number,
  before: number,
  behind: number,
  mode: 'reflect' | 'symmetric',
): tf.Tensor {
  const part = (begin: number, length: number): tf.Tensor =>
    tf.slice(
      dy,
      dy.shape.map((_, i) => (i === axis ? begin : 0)),
      dy.shape.map((whole, i) => (i === axis ? length : whole)),
    );
  const placed = (border: tf.Tensor, start: number, length: number): tf.Tensor =>
    tf.pad(
      tf.reverse(border, axis),
      dy.shape.map((_, i): [number, number] => (i === axis ? [start, size - start - length] : [0, 0])),
    );
  const skipped = mode === 'reflect' ? 1 : 0;
  let dx = part(before, size);
  if (before > 0) dx = tf.add(dx, placed(part(0, before), skipped, before));
  if (behind > 0) dx = tf.add(dx, placed(part(before + size, behind), size - skipped - behind, behind));
  return dx;
}
