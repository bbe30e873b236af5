import tf from '../../../common/tf.cjs';
import { detached, elementwiseOp, elementwise } from './elementwise.js';
import type { Family, Op } from './op.js';

/** Comparisons, logic and choice. No gradient flows through a condition. */
export const comparison: Family = {
  Equal: truth(2, (a, b) => a === b, tf.equal),
  Greater: truth(2, (a, b) => a > b, tf.greater),
  GreaterOrEqual: truth(2, (a, b) => a >= b, tf.greaterEqual),
  Less: truth(2, (a, b) => a < b, tf.less),
  LessOrEqual: truth(2, (a, b) => a <= b, tf.lessEqual),
  And: truth(2, (a, b) => a !== 0 && b !== 0, tf.logicalAnd),
  Or: truth(2, (a, b) => a !== 0 || b !== 0, tf.logicalOr),
  Xor: truth(2, (a, b) => (a !== 0) !== (b !== 0), tf.logicalXor),
  Not: truth(1, (a) => a === 0, tf.logicalNot),
  IsNaN: truth(1, (a) => Number.isNaN(a), tf.isNaN),
  IsInf: (call, x) => {
    const [positive, negative] = [call.flag('detect_positive', true), call.flag('detect_negative', true)];
    const tensor = (a: tf.Tensor): tf.Tensor => {
      const sided = tf.logicalOr(
        tf.logicalAnd(tf.greater(a, 0), tf.scalar(positive, 'bool')),
        tf.logicalAnd(tf.less(a, 0), tf.scalar(negative, 'bool')),
      );
      return tf.logicalAnd(tf.isInf(a), sided);
    };
    return elementwise(call, { type: 'bool', tensor: (a) => tensor(detached(a!)) }, call.need(x, 'X'));
  },
  Where: (call, condition, a, b) => {
    const [chosen, x, y] = [call.need(condition, 'condition'), call.need(a, 'X'), call.need(b, 'Y')];
    const tensor = (c: tf.Tensor, one: tf.Tensor, other: tf.Tensor): tf.Tensor => tf.where(detached(c), one, other);
    return elementwise(
      call,
      {
        type: x.type,
        host: (c, one, other) => (c ? one! : other!),
        tensor: (c, one, other) => tensor(c!, one!, other!),
      },
      chosen,
      x,
      y,
    );
  },
};

function truth(
  count: number,
  host: (a: number, b: number) => boolean,
  tensor: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): Op {
  return elementwiseOp(count, {
    type: 'bool',
    host: (a, b) => Number(host(a!, b!)),
    tensor: (...operands) => {
      const [a, b] = operands.map(detached) as [tf.Tensor, tf.Tensor];
      return tensor(a, b);
    },
  });
}
