import tf from '../../common/tf.cjs';
import { attributes } from '../../engine/attrs.js';
import { nativeBackend, type NativeBackend } from '../../engine/native.js';
import { spread } from '../spread.js';
import { gradientOfOne } from './gradient-of-one.js';

/** `dx` of a slice with steps of either sign: `dy` at the places that were taken, 0 at the others. TensorFlow.js has no gradient for it. */
export const stridedSliceGradient = gradientOfOne<tf.StridedSliceAttrs>(tf.StridedSlice, 'x', (dy, x, attrs) => {
  const backend = nativeBackend();
  return backend ? nativeGradient(backend, dy, x, attrs) : plainGradient(dy, x, attrs);
});

function plainGradient(dy: tf.Tensor, x: tf.Tensor, attrs: tf.StridedSliceAttrs): tf.Tensor {
  const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
  const { begin, end, strides } = tf.slice_util.sliceInfo(
    x.shape,
    attrs.begin,
    attrs.end,
    attrs.strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
  if (dy.size === 0) return tf.zerosLike(x);
  let dx = tf.reshape(dy, tf.slice_util.computeOutShape(begin, end, strides));
  strides.forEach((step, axis) => {
    const first = step > 0 ? begin[axis]! : begin[axis]! + (dx.shape[axis]! - 1) * step;
    if (step < 0) dx = tf.reverse(dx, axis);
    dx = spread(dx, axis, Math.abs(step), first, x.shape[axis]!);
  });
  return dx;
}

/** @source TensorFlow's StridedSliceGrad */
function nativeGradient(
  backend: NativeBackend,
  dy: tf.Tensor,
  x: tf.Tensor,
  { begin, end, strides, ...masks }: tf.StridedSliceAttrs,
): tf.Tensor {
  const make = attributes(backend.binding);
  const ints = (values: number[]): tf.Tensor => tf.tensor1d(values, 'int32');
  const attrs = [
    make.type('T', backend.binding.TF_FLOAT),
    make.type('Index', backend.binding.TF_INT32),
    make.int('begin_mask', masks.beginMask),
    make.int('end_mask', masks.endMask),
    make.int('ellipsis_mask', masks.ellipsisMask),
    make.int('new_axis_mask', masks.newAxisMask),
    make.int('shrink_axis_mask', masks.shrinkAxisMask),
  ];
  const inputs = [ints(x.shape), ints(begin), ints(end), ints(strides), dy];
  return backend.executeSingleOutput('StridedSliceGrad', attrs, inputs);
}
