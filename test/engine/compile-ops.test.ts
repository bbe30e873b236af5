import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/compile.js';
import '../../src/ops/index.js';
import { expectTensor, onTensorflow } from '../support/engines.js';
import { OP_CASES } from './support/op-cases.js';

type Run = (...inputs: tf.Tensor[]) => tf.Tensor[];

/** Ops that go on drawing with every run, eagerly too. */
const DRAWING = ['multinomial with a seed'];

/** Compares two runs of a compiled function with the function itself. */
function expectSame(inputs: tf.Tensor[], run: Run, runs: number): void {
  const eager = tf.tidy(() => run(...inputs));
  const compiled = compile<tf.Tensor[], tf.Tensor[]>(run);
  try {
    for (let i = 0; i < runs; i++) {
      const results = compiled(...inputs);
      // Grappler may reorder sums; values are relative to the largest.
      results.forEach((result, k) => expectTensor(result, eager[k]!, 1e-5, `result ${k} of run ${i}`));
      tf.dispose(results);
    }
  } finally {
    compiled.dispose();
    tf.dispose(eager);
  }
}

/** Different weights for all results, so that no error in a gradient cancels out. */
function weightedSum(results: tf.Tensor[]): tf.Scalar {
  return tf.addN(
    results.map((result) => tf.sum(tf.mul(result, tf.reshape(tf.linspace(1, 2, result.size), result.shape)))),
  ) as tf.Scalar;
}

onTensorflow('compile: ops', () => {
  for (const { name, inputs, run, differentiable } of OP_CASES) {
    const list: Run = (...given) => [run(...(given as never[]))].flat();
    it(`${name} gives what it gives eagerly`, () => {
      const given = tf.tidy(inputs);
      expectSame(given, list, DRAWING.includes(name) ? 1 : 2);
      tf.dispose(given);
    });
    if (!differentiable) continue;
    it(`the gradient of ${name} is the eager one`, () => {
      const given = tf.tidy(inputs);
      expectSame(given, (...x) => tf.grads((...y: tf.Tensor[]) => weightedSum(list(...y)))(x), 1);
      tf.dispose(given);
    });
  }
});
