import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/index.js';
import '../../src/ops/index.js';
import { expectClose, onEngines } from '../support/engines.js';
import { OP_CASES } from './cases/index.js';
import type { OpCase } from './support/op-case.js';
import { centralDifferences, sample } from './support/differences.js';

/** What naive loops and their differences give, which takes much longer than an engine: once for all engines. */
const known = new Map<OpCase, ReturnType<typeof byLoops>>();

function byLoops({ shapes, reference }: OpCase) {
  const inputs = shapes.map((shape, i) => ({ shape, values: sample(shape.reduce((a, b) => a * b, 1), 11 + i) })); // prettier-ignore
  const expected = reference(...inputs);
  const dy = sample(expected.values.length, 99);
  const loss = (): number => reference(...inputs).values.reduce((sum, value, i) => sum + value * dy[i]!, 0);
  return { inputs, expected, dy, gradients: inputs.map(({ values }) => centralDifferences(loss, values)) };
}

onEngines('ops: contract', () => {
  for (const one of OP_CASES) {
    const { name, shapes, run } = one;
    it(`${name}: value and gradient are those of naive loops, in a compiled graph too`, () => {
      const { inputs, expected, dy, gradients } = known.get(one) ?? byLoops(one);
      known.set(one, { inputs, expected, dy, gradients });
      const step = (weights: tf.Tensor, ...given: tf.Tensor[]): tf.Tensor[] => {
        const { value, grads } = tf.valueAndGrads((...x: tf.Tensor[]) => run(...x))(given, weights);
        return [value, ...grads];
      };
      const compiled = compile(step);
      tf.tidy(() => {
        const tensors = inputs.map(({ shape, values }) => tf.tensor(Float32Array.from(values), shape));
        const weights = tf.tensor(Float32Array.from(dy), expected.shape);
        expect(run(...tensors).shape, 'shape').to.deep.equal(expected.shape);
        for (const [how, call] of Object.entries({ eager: step, compiled })) {
          const [value, ...grads] = call(weights, ...tensors);
          expectClose(value!.dataSync(), expected.values, 1e-5, `${how} value`);
          grads.forEach((grad, i) => {
            expect(grad.shape).to.deep.equal(shapes[i]);
            expectClose(grad.dataSync(), gradients[i]!, 1e-5, `${how} gradient of input ${i}`);
          });
        }
      });
      compiled.dispose();
    });
  }
});
