import * as tf from '@tensorflow/tfjs';
import { inOrder } from '../axes.js';
import { Value } from '../value.js';
import { product } from './matmul.js';
import type { Call, Family } from './op.js';

/** Sums of products by Einstein's notation, made of matrix products, which have gradients. */
export const einsum: Family = {
  Einsum: (call, ...inputs) => {
    const [left, right] = call.text('equation', '').replace(/\s/g, '').split('->') as [string, string | undefined];
    const values = inputs.map((input) => call.need(input, 'inputs'));
    const terms = left.split(',');
    if (terms.length !== values.length) call.refuse(`an equation of ${values.length} terms`, left);
    const operands = values.map((value, i) => labelled(call, value, terms[i]!));
    const labels = operands.flatMap((operand) => operand.labels);
    const counts = (label: string): number => labels.filter((one) => one === label).length;
    const shared = [...new Set(labels.filter((label) => label < 'A'))].sort();
    const wanted =
      right === undefined
        ? [...shared, ...[...new Set(labels)].filter((label) => label >= 'A' && counts(label) === 1).sort()]
        : expanded(right, shared);
    return ordered(
      operands.reduce((a, b, i) =>
        contracted(call, a, b, [...wanted, ...operands.slice(i + 1).flatMap((one) => one.labels)]),
      ),
      wanted,
      call,
    );
  },
};

/** A value whose axes have letters; those of an ellipsis are digits, counted from the last axis. */
interface Operand {
  labels: string[];
  value: Value;
}

/** The letters of a term, an ellipsis written as its digits. */
function expanded(term: string, digits: readonly string[]): string[] {
  return [...term.replace('...', digits.join(''))];
}

/** A term whose letters differ: of a repeated one the diagonal is taken. */
function labelled(call: Call, value: Value, term: string): Operand {
  const free = value.rank - term.replace('...', '').length;
  const labels = expanded(
    term,
    inOrder(Math.max(0, free)).map((i) => String(9 - free + 1 + i)),
  );
  if (labels.length !== value.rank) call.refuse(`a term of ${value.rank} axes`, term);
  const again = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (again < 0) return { labels, value };
  const first = labels.indexOf(labels[again]!);
  const size = value.shape[first]!;
  const eye = tf.reshape(
    tf.eye(size),
    value.shape.map((side, axis) => (axis === first || axis === again ? side : 1)),
  );
  const diagonal = Value.of(value.type, tf.sum(tf.mul(value.tensor(), eye), again));
  return labelled(call, diagonal, labels.filter((_, axis) => axis !== again).join(''));
}

/** The product of two operands, summed over the letters that nothing needs any more. */
function contracted(call: Call, a: Operand, b: Operand, needed: readonly string[]): Operand {
  const [left, right] = [summed(a, [...needed, ...b.labels]), summed(b, [...needed, ...a.labels])];
  const both = left.labels.filter((label) => right.labels.includes(label));
  const batch = both.filter((label) => needed.includes(label));
  const inner = both.filter((label) => !needed.includes(label));
  const rows = left.labels.filter((label) => !both.includes(label));
  const columns = right.labels.filter((label) => !both.includes(label));
  const side = (operand: Operand, label: string): number => operand.value.shape[operand.labels.indexOf(label)]!;
  const sizes = (operand: Operand, labels: string[]): number[] => labels.map((label) => side(operand, label));
  const total = (list: number[]): number => list.reduce((all, one) => all * one, 1);
  const shared = batch.map((label) => Math.max(side(left, label), side(right, label)));
  const [m, n, k] = [sizes(left, rows), sizes(right, columns), sizes(left, inner)];
  const x = ordered(left, [...batch, ...rows, ...inner], call).reshaped([...sizes(left, batch), total(m), total(k)]);
  const y = ordered(right, [...batch, ...inner, ...columns], call).reshaped([
    ...sizes(right, batch),
    total(k),
    total(n),
  ]);
  return { labels: [...batch, ...rows, ...columns], value: product(call, x, y).reshaped([...shared, ...m, ...n]) };
}

/** Without the letters that nothing needs. */
function summed({ labels, value }: Operand, needed: readonly string[]): Operand {
  const gone = labels.flatMap((label, axis) => (needed.includes(label) ? [] : [axis]));
  if (gone.length === 0) return { labels, value };
  return {
    labels: labels.filter((label) => needed.includes(label)),
    value: Value.of(value.type, tf.sum(value.tensor(), gone)),
  };
}

function ordered(operand: Operand, wanted: readonly string[], call: Call): Value {
  const { labels, value } = summed(operand, wanted);
  if (labels.length !== wanted.length) call.refuse(`letters of the terms in the result`, wanted.join(''));
  return value.transposed(wanted.map((label) => labels.indexOf(label)));
}
