import tf from '../../../common/tf.cjs';
import { inOrder } from '../axes.js';
import { Value } from '../value.js';
import type { Call } from './op.js';

/**
 * Resizes a part of each axis, linearly; what lies outside of the input is a constant.
 *
 * @param roi starts and ends along `axes`, as shares of the input
 * @source ONNX's Resize with `tf_crop_and_resize`
 */
export function cropped(call: Call, x: Value, axes: number[], out: number[], roi: number[]): Value {
  if (call.text('mode', 'nearest') !== 'linear')
    call.refuse('the mode linear of a region', call.text('mode', 'nearest'));
  if (roi.length !== 2 * axes.length) call.refuse(`${2 * axes.length} bounds of a region`, `[${roi}]`);
  const beyond = call.float('extrapolation_value', 0);
  return axes.reduce((result, axis, i) => {
    const [start, end] = [roi[i]!, roi[i + axes.length]!];
    const [size, count] = [x.shape[axis]!, out[axis]!];
    if (size === count && start === 0 && end === 1) return result;
    const place = result.axes.indexOf(axis);
    const points = inOrder(count).map((k) =>
      count > 1 ? (start + (k * (end - start)) / (count - 1)) * (size - 1) : 0.5 * (start + end) * (size - 1),
    );
    return Value.of(x.type, mixed(result.in(result.axes), place, points, beyond), result.axes);
  }, x);
}

/** Each output of an axis lies between two inputs, or is `beyond`. */
function mixed(x: tf.Tensor, axis: number, points: number[], beyond: number): tf.Tensor {
  const size = x.shape[axis]!;
  const side = (values: number[]): tf.Tensor =>
    tf.reshape(
      tf.tensor1d(values),
      x.shape.map((_, i) => (i === axis ? values.length : 1)),
    );
  const at = (step: number): tf.Tensor => {
    const places = points.map((point) => Math.min(size - 1, Math.max(0, Math.floor(point) + step)));
    return tf.gather(x, tf.tensor1d(places, 'int32'), axis);
  };
  const share = side(points.map((point) => point - Math.floor(point)));
  const inside = side(points.map((point) => Number(point >= 0 && point <= size - 1)));
  const y = tf.add(tf.mul(at(0), tf.sub(1, share)), tf.mul(at(1), share));
  return tf.add(tf.mul(y, inside), tf.mul(tf.sub(1, inside), beyond));
}
