import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import { matMul } from './mat-mul.js';
import { sizeOf } from './shapes.js';

/** A tensor whose axes have names of one letter. */
interface Named {
  x: tf.Tensor;
  labels: string[];
}

/**
 * Einstein's sum: products over all labels, summed over those that the result lacks. Operands are taken two by two, each pair as one matrix
 * product; so it has a gradient, and runs on wasm, where TensorFlow.js has no einsum.
 *
 * @param equation such as `bij,bjk->bik`; `...` stands for axes that broadcast, a label twice in an operand for its diagonal; without `->` the
 *   labels that occur once, in alphabetical order
 * @param tensors one per operand of the equation
 * @returns the result's axes as the equation orders them; differentiable
 * @throws E_SHAPE where the equation does not fit the tensors
 * @source numpy.einsum; ONNX, Einsum
 */
export function einsum(equation: string, ...tensors: tf.Tensor[]): tf.Tensor {
  const { operands, result } = parse(equation, tensors);
  return tf.tidy(() => {
    const parts = tensors.map((x, i) => diagonal({ x, labels: operands[i]! }));
    const last = parts.reduce((a, b, i) => contract(a, b, new Set([...result, ...operands.slice(i + 1).flat()])));
    const summed = sumOver(last, new Set(result));
    const missing = result.filter((label) => !summed.labels.includes(label));
    if (missing.length > 0) mismatch(equation, tensors);
    return tf.transpose(
      summed.x,
      result.map((label) => summed.labels.indexOf(label)),
    );
  });
}

function mismatch(equation: string, tensors: tf.Tensor[]): never {
  return fail('E_SHAPE', {
    where: 'einsum',
    expected: `tensors that fit "${equation}"`,
    got: tensors.map(({ shape }) => `[${shape}]`).join(', '),
  });
}

/** Labels per operand and of the result; the axes of `...` are named by digits, counted from the last. */
function parse(equation: string, tensors: tf.Tensor[]): { operands: string[][]; result: string[] } {
  const [left, right] = equation.replaceAll(' ', '').split('->') as [string, string?];
  const terms = left.split(',');
  const longest = Math.max(0, ...terms.map((term, i) => hidden(term, tensors[i]?.rank ?? 0)));
  const named = (term: string, count: number): string[] => {
    const dots = Array.from({ length: count }, (_, i) => String(count - 1 - i));
    return term.split('...').flatMap((part, i) => (i === 0 ? [...part] : [...dots, ...part]));
  };
  const operands = terms.map((term, i) => named(term, hidden(term, tensors[i]?.rank ?? 0)));
  if (terms.length !== tensors.length || operands.some((labels, i) => labels.length !== tensors[i]!.rank))
    mismatch(equation, tensors);
  if (right !== undefined) return { operands, result: named(right, longest) };
  const letters = [...left].filter((label) => /[a-zA-Z]/.test(label));
  const once = letters.filter((label) => letters.indexOf(label) === letters.lastIndexOf(label)).sort();
  return { operands, result: named(left.includes('...') ? `...${once.join('')}` : once.join(''), longest) };
}

/** How many axes the `...` of a term stands for. */
function hidden(term: string, rank: number): number {
  return term.includes('...') ? rank - term.replace('...', '').length : 0;
}

/** Keeps of axes with one label where both places are the same. */
function diagonal({ x, labels }: Named): Named {
  const first = labels.findIndex((label, i) => labels.indexOf(label, i + 1) > 0);
  if (first < 0) return { x, labels };
  const second = labels.indexOf(labels[first]!, first + 1);
  const others = labels.map((_, axis) => axis).filter((axis) => axis !== first && axis !== second);
  const size = x.shape[first]!;
  const square = tf.reshape(tf.transpose(x, [...others, first, second]), [-1, size * size]);
  const places = tf.range(0, size * size, size + 1, 'int32');
  const kept = tf.reshape(tf.gather(square, places, 1), [...others.map((axis) => x.shape[axis]!), size]);
  return diagonal({ x: kept, labels: [...others.map((axis) => labels[axis]!), labels[first]!] });
}

function sumOver({ x, labels }: Named, kept: ReadonlySet<string>): Named {
  const axes = labels.flatMap((label, axis) => (kept.has(label) ? [] : [axis]));
  return axes.length === 0 ? { x, labels } : { x: tf.sum(x, axes), labels: labels.filter((label) => kept.has(label)) };
}

/** The product of two, summed over what neither the result nor a later operand names. */
function contract(left: Named, right: Named, needed: ReadonlySet<string>): Named {
  const a = sumOver(left, new Set([...needed, ...right.labels]));
  const b = sumOver(right, new Set([...needed, ...left.labels]));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const summed = shared.filter((label) => !needed.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  // Axes of `...` may be 1 on one side.
  const size = (label: string): number =>
    Math.max(...[a, b].map(({ x, labels }) => x.shape[labels.indexOf(label)] ?? 1));
  const arranged = ({ x, labels }: Named, order: string[][]): tf.Tensor => {
    const turned = tf.transpose(x, order.flat().map((label) => labels.indexOf(label))); // prettier-ignore
    const full = order.flat().map(size);
    const whole = full.join() === turned.shape.join() ? turned : tf.broadcastTo(turned, full);
    return tf.reshape(whole, order.map((group) => sizeOf(group.map(size)))); // prettier-ignore
  };
  const product = matMul(arranged(a, [batch, rows, summed]), arranged(b, [batch, summed, columns]));
  const labels = [...batch, ...rows, ...columns];
  return { x: tf.reshape(product, labels.map(size)), labels }; // prettier-ignore
}
