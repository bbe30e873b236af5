import tf from '../../../common/tf.cjs';
import { inOrder, positive } from '../axes.js';
import { sizeOf } from '../tensor-data.js';
import { elementType, isFloat, type ElementType } from '../types.js';
import { engineType, hostData, requireSize, Value } from '../value.js';
import { detached, MOST_ON_HOST, wrap } from './elementwise.js';
import type { Call, Family } from './op.js';

/** Constants, and what is known of a value without its numbers. */
export const constants: Family = {
  Constant: constant,
  ConstantOfShape: (call, shape) => {
    const value = call.constant('value') ?? { type: 'float32' as const, data: new Float32Array(1) };
    return filled(value.type, call.need(shape, 'shape').numbers(), value.data[0] ?? 0);
  },
  Identity: (call, x) => call.need(x, 'input'),
  Cast: (call, x) => cast(call.need(x, 'input'), typeAttribute(call, 'to')),
  CastLike: (call, x, like) => cast(call.need(x, 'input'), call.need(like, 'target_type').type),
  Shape: (call, x) => {
    const { shape, rank } = call.need(x, 'data');
    const [start, end] = [call.int('start', 0), call.int('end', rank)].map((place) => positive(place, rank));
    return Value.ofNumbers(shape.slice(Math.max(0, start!), Math.max(0, end!)));
  },
  Size: (call, x) => Value.ofNumbers([call.need(x, 'data').size], 'int64', []),
  Range: (call, start, limit, delta) => {
    const [from, to, step] = [start, limit, delta].map(
      (input) => call.need(input, 'start, limit and delta').data()[0]!,
    );
    const count = Math.max(0, Math.ceil((to! - from!) / step!));
    if (Number.isNaN(count)) call.refuse('a step that is not 0', String(step));
    requireSize([count]);
    const type = start!.type;
    if (count > MOST_ON_HOST)
      return Value.of(
        type,
        tf.add(tf.mul(tf.range(0, count, 1, engineNumber(type)), scalar(type, step!)), scalar(type, from!)),
      );
    return Value.ofNumbers(
      inOrder(count).map((i) => from! + i * step!),
      type,
    );
  },
  EyeLike: (call, x) => {
    const { shape, type } = call.need(x, 'input');
    const [rows, columns] = shape as [number, number];
    const shift = call.int('k', 0);
    const data = new Float64Array(rows * columns);
    for (let row = 0; row < rows; row++)
      if (row + shift >= 0 && row + shift < columns) data[row * columns + row + shift] = 1;
    const result = call.int('dtype') === undefined ? type : typeAttribute(call, 'dtype');
    return Value.ofHost(result, shape, hostData(result, data));
  },
  OneHot: (call, indices, depth, values) =>
    oneHot(call, call.need(indices, 'indices'), call.need(depth, 'depth'), call.need(values, 'values')),
};

function engineNumber(type: ElementType): 'float32' | 'int32' {
  return isFloat(type) ? 'float32' : 'int32';
}

function scalar(type: ElementType, value: number): tf.Scalar {
  return tf.scalar(value, engineNumber(type));
}

function constant(call: Call): Value {
  const tensor = call.constant('value');
  if (tensor) return Value.ofHost(tensor.type, tensor.shape, tensor.data);
  const { attributes } = call.node;
  if (attributes.has('value_float')) return Value.ofNumbers([call.float('value_float', 0)], 'float32', []);
  if (attributes.has('value_floats')) return Value.ofNumbers(call.list('value_floats', []), 'float32');
  if (attributes.has('value_int')) return Value.ofNumbers([call.int('value_int', 0)], 'int64', []);
  if (attributes.has('value_ints')) return Value.ofNumbers(call.list('value_ints', []));
  return call.refuse('a value of numbers', [...attributes.keys()].join(', ') || 'none');
}

/** The same number everywhere. */
export function filled(type: ElementType, shape: number[], value: number): Value {
  requireSize(shape);
  if (sizeOf(shape) <= MOST_ON_HOST)
    return Value.ofHost(
      type,
      shape,
      hostData(
        type,
        inOrder(sizeOf(shape)).map(() => value),
      ),
    );
  return Value.of(type, tf.fill(shape, value, engineType(type) === 'bool' ? 'bool' : engineType(type)));
}

/** The type that an attribute names by ONNX's number. */
export function typeAttribute(call: Call, name: string): ElementType {
  const number = call.int(name, 0);
  const type = elementType(number);
  return type && type !== 'string' ? type : call.refuse(`a type of numbers as ${name}`, `type ${number}`);
}

/** Floats become whole numbers towards zero; what does not fit wraps. */
export function cast(x: Value, to: ElementType): Value {
  if (x.type === to) return x;
  if (engineType(x.type) === engineType(to) && (isFloat(to) || to === 'int32' || to === 'int64')) return x.as(to);
  if (x.isHost) {
    const data = Float64Array.from(x.data(), (value) =>
      isFloat(to) ? value : to === 'bool' ? Number(value !== 0) : wrap(to, Math.trunc(value)),
    );
    return Value.ofHost(to, x.shape, hostData(to, data));
  }
  const tensor = x.in(x.axes);
  // A whole number has no gradient.
  const source = isFloat(to) ? tensor : detached(tensor);
  if (to === 'bool') return Value.of(to, tf.notEqual(source, tf.zerosLike(source)), x.axes);
  return Value.of(to, tf.cast(source, engineType(to)), x.axes);
}

function oneHot(call: Call, indices: Value, depth: Value, values: Value): Value {
  const count = depth.data()[0]!;
  const [off, on] = values.numbers() as [number, number];
  const rank = indices.rank + 1;
  const axis = positive(call.int('axis', -1), rank);
  requireSize([...indices.shape, count]);
  const whole = tf.cast(indices.tensor(), 'int32');
  const index = tf.where(
    tf.less(whole, tf.scalar(0, 'int32')),
    tf.add(whole, tf.scalar(count, 'int32')),
    whole,
  ) as tf.Tensor1D;
  const hot = tf.cast(tf.oneHot(index, count), 'float32');
  const result = tf.cast(tf.add(tf.mul(hot, on - off), off), engineType(values.type));
  // The new axis is made last.
  const axes = [...inOrder(rank).filter((one) => one !== axis), axis];
  return Value.of(values.type, result, axes);
}
