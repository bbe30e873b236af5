import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';

/** What a compiled function may return. */
export type Outputs = tf.Tensor | tf.Tensor[] | { [name: string]: tf.Tensor };

/** A result taken apart, and how tensors in its place go back into its form. */
export interface FlatOutputs {
  tensors: tf.Tensor[];
  pack(tensors: tf.Tensor[]): Outputs;
}

/**
 * Takes a function's result apart.
 *
 * @throws E_COMPILE_RESULT where it is no tensor, list or record of tensors
 */
export function flatten(result: unknown): FlatOutputs {
  if (result instanceof tf.Tensor) return { tensors: [result], pack: ([tensor]) => tensor! };
  if (result instanceof Promise) {
    // Nobody else awaits it, and what it fails with would end the process.
    result.catch(() => undefined);
    refuse('a promise');
  }
  if (typeof result !== 'object' || result === null) refuse(result === null ? 'null' : `a ${typeof result}`);
  const names = Object.keys(result);
  const tensors = Object.values(result) as unknown[];
  const wrong = tensors.findIndex((value) => !(value instanceof tf.Tensor));
  if (wrong >= 0) refuse(`something else at "${names[wrong]}"`);
  const pack = Array.isArray(result)
    ? (made: tf.Tensor[]) => made
    : (made: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, made[i]!]));
  return { tensors: tensors as tf.Tensor[], pack };
}

function refuse(got: string): never {
  fail('E_COMPILE_RESULT', {
    where: 'compile',
    expected: 'a function that returns a tensor, or a list or record of tensors, at once',
    got,
    todo: 'Return tensors, and read them after the call.',
  });
}
