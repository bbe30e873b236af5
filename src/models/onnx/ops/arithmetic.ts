import tf from '../../../common/tf.cjs';
import type { Value } from '../value.js';
import { elementwise, elementwiseOp, type Elementwise } from './elementwise.js';
import type { Call, Family, Op } from './op.js';

const ADD: Elementwise = { host: (a, b) => a + b, tensor: (a, b) => tf.add(a!, b!) };
const MAX: Elementwise = { host: (a, b) => Math.max(a!, b!), tensor: (a, b) => tf.maximum(a!, b!) };
const MIN: Elementwise = { host: (a, b) => Math.min(a!, b!), tensor: (a, b) => tf.minimum(a!, b!) };

/** Additions, products and the like of operands that broadcast. */
export const arithmetic: Family = {
  Add: elementwiseOp(2, ADD as Elementwise),
  Sub: elementwiseOp(2, { host: (a, b) => a! - b!, tensor: (a, b) => tf.sub(a!, b!) }),
  Mul: elementwiseOp(2, { host: (a, b) => a! * b!, tensor: (a, b) => tf.mul(a!, b!) }),
  Div: (call, a, b) => divide(call, call.need(a, 'A'), call.need(b, 'B')),
  Mod: (call, a, b) => modulo(call, call.need(a, 'A'), call.need(b, 'B')),
  Pow: (call, a, b) => power(call, call.need(a, 'X'), call.need(b, 'Y')),
  BitShift: (call, a, b) => shift(call, call.need(a, 'X'), call.need(b, 'Y')),
  Max: folded(MAX),
  Min: folded(MIN),
  Sum: folded(ADD),
  Mean: (call, ...inputs) =>
    elementwise(call, { tensor: (sum) => tf.div(sum!, inputs.length) }, folded(ADD)(call, ...inputs) as Value),
};

/** An operation of two operands, applied to any number. */
function folded(kind: Elementwise): Op {
  return (call, ...inputs) =>
    inputs.map((input) => call.need(input, 'data')).reduce((result, value) => elementwise(call, kind, result, value));
}

/** Whole numbers are divided towards zero, as in C. */
function divide(call: Call, a: Value, b: Value): Value {
  if (a.isFloat) return elementwise(call, { host: (x, y) => x! / y!, tensor: (x, y) => tf.div(x!, y!) }, a, b);
  const truncated = (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
    tf.mul(tf.mul(tf.sign(x), tf.sign(y)), tf.floorDiv(tf.abs(x), tf.abs(y)));
  return elementwise(call, { host: (x, y) => Math.trunc(x! / y!), tensor: (x, y) => truncated(x!, y!) }, a, b);
}

/** By default the result has the divisor's sign, with `fmod` the dividend's. */
function modulo(call: Call, a: Value, b: Value): Value {
  if (!call.flag('fmod')) {
    return elementwise(call, { host: (x, y) => x! - Math.floor(x! / y!) * y!, tensor: (x, y) => tf.mod(x!, y!) }, a, b);
  }
  const truncated = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.mul(tf.sign(x), tf.mod(tf.abs(x), tf.abs(y)));
  return elementwise(call, { host: (x, y) => x! % y!, tensor: (x, y) => truncated(x!, y!) }, a, b);
}

function power(call: Call, base: Value, exponent: Value): Value {
  const known = exponent.isHost && exponent.size === 1 ? exponent.data()[0]! : undefined;
  const tensor = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
    // Cheaper, and with a gradient that is right at 0.
    if (known === 2) return tf.mul(tf.square(x), tf.onesLike(tf.cast(y, x.dtype)));
    if (known === 0.5 && base.isFloat) return tf.mul(tf.sqrt(x), tf.onesLike(y));
    const result = tf.pow(tf.cast(x, 'float32'), tf.cast(y, 'float32'));
    return base.isFloat ? result : tf.cast(tf.round(result), 'int32');
  };
  return elementwise(call, { host: (x, y) => x! ** y!, tensor: (x, y) => tensor(x!, y!) }, base, exponent);
}

/** Bits moved up or down: numbers times, or by, powers of 2. */
function shift(call: Call, x: Value, bits: Value): Value {
  const power = (y: tf.Tensor): tf.Tensor => tf.cast(tf.round(tf.pow(tf.scalar(2), tf.cast(y, 'float32'))), 'int32');
  if (call.text('direction', 'LEFT') === 'LEFT')
    return elementwise(call, { host: (a, b) => a! * 2 ** b!, tensor: (a, b) => tf.mul(a!, power(b!)) }, x, bits);
  const down: Elementwise = { host: (a, b) => Math.floor(a! / 2 ** b!), tensor: (a, b) => tf.floorDiv(a!, power(b!)) };
  return elementwise(call, down, x, bits);
}
