import tf from '../../../common/tf.cjs';
import { detached, elementwiseOp } from './elementwise.js';
import type { Family, Op } from './op.js';

/** Functions of one number. */
export const unary: Family = {
  Abs: of(Math.abs, tf.abs),
  Acos: of(Math.acos, tf.acos),
  Acosh: of(Math.acosh, tf.acosh),
  Asin: of(Math.asin, tf.asin),
  Asinh: of(Math.asinh, tf.asinh),
  Atan: of(Math.atan, tf.atan),
  Atanh: of(Math.atanh, tf.atanh),
  Ceil: of(Math.ceil, (x) => tf.ceil(detached(x))),
  Cos: of(Math.cos, tf.cos),
  Cosh: of(Math.cosh, tf.cosh),
  Erf: elementwiseOp(1, { tensor: (x) => tf.erf(x!) }),
  Exp: of(Math.exp, tf.exp),
  Floor: of(Math.floor, (x) => tf.floor(detached(x))),
  Log: of(Math.log, tf.log),
  Neg: of((x) => -x, tf.neg),
  Reciprocal: of((x) => 1 / x, tf.reciprocal),
  Round: of(roundToEven, (x) => tf.round(detached(x))),
  Sign: of(Math.sign, (x) => tf.sign(detached(x))),
  Sin: of(Math.sin, tf.sin),
  Sinh: of(Math.sinh, tf.sinh),
  Sqrt: of(Math.sqrt, tf.sqrt),
  Tan: of(Math.tan, tf.tan),
  Tanh: of(Math.tanh, tf.tanh),
};

function of(host: (x: number) => number, tensor: (x: tf.Tensor) => tf.Tensor): Op {
  return elementwiseOp(1, { host: (x) => host(x!), tensor: (x) => tensor(x!) });
}

/** Halves go to the even neighbour. */
function roundToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
