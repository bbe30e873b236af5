import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { imageOf, type Collated } from '../../src/tasks/arrays.js';
import { taskOf } from '../../src/tasks/registry.js';
import { centralDifferences, sample } from '../ops/support/differences.js';
import { expectClose, onEngines } from '../support/engines.js';

const SHAPE: [number, number, number, number] = [2, 1, 3, 4];
const head = { kind: 'db', output: 'y', score: 0.5, overlap: 1 } as const;
const task = taskOf({ task: 'features', ignore: 255, onnx: { head, input: {} } });
const probabilities = (seed: number): Float64Array => sample(24, seed).map((value) => Math.fround(0.5 + 0.4 * value));

/** The distance as its description says it, in double precision. */
function distanceOf(right: Float64Array, own: Float64Array): number {
  let [sum, apart, total] = [0, 0, 0];
  right.forEach((p, i) => {
    const q = own[i]!;
    sum += p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    apart += Math.abs(p - q);
    total += p + q;
  });
  return sum / right.length + (2 * apart) / (total + apart);
}

onEngines('tasks: a detector of texts', () => {
  it('has a distance and gradients as finite differences have them, 0 of the same answers', () => {
    const [right, own] = [probabilities(3), probabilities(4)];
    const [value, gradient, same] = tf.tidy(() => {
      const y = tf.tensor(Float32Array.from(right), SHAPE);
      const distance = (output: tf.Tensor): tf.Scalar => task.distance({ y }, { y: output });
      const made = tf.valueAndGrad(distance)(tf.tensor(Float32Array.from(own), SHAPE));
      return [made.value.dataSync()[0]!, made.grad.dataSync(), distance(y).dataSync()[0]!];
    });
    expect(value).to.be.closeTo(distanceOf(right, own), 1e-5);
    expectClose(
      gradient,
      centralDifferences((at) => distanceOf(right, at), own),
      1e-4,
    );
    expect(same).to.be.closeTo(0, 1e-6);
  });
});

describe('tasks: a detector of texts', () => {
  /** Maps of 24x32 with a text at each place, x and y of its left upper pixel. */
  const answers = (places: readonly (readonly [number, number])[]): Collated => {
    const data = new Float32Array(24 * 32);
    for (const [x, y] of places) for (let row = y; row < y + 5; row++) data.fill(0.9, row * 32 + x, row * 32 + x + 9);
    return { y: { dtype: 'float32', shape: [1, 1, 24, 32], data } };
  };
  const metric = task.metric(1);
  const f1 = (own: Collated, wanted: Collated): number =>
    metric.scores(metric.count(imageOf(wanted, 0), imageOf(own, 0), 'a'))['f1']!;

  it('compares answers by their texts', () => {
    const both = answers([[2, 2], [18, 14]]); // prettier-ignore
    expect(metric.primary).to.equal('f1');
    expect(f1(both, both)).to.equal(1);
    expect(f1(answers([[2, 2]]), both)).to.be.closeTo(2 / 3, 1e-12);
    expect(f1(answers([[3, 2], [17, 14]]), both), 'a pixel aside').to.equal(1); // prettier-ignore
    expect(f1(answers([[2, 14]]), both)).to.equal(0);
    expect(Number.isNaN(f1(answers([]), answers([])))).to.equal(true);
  });
});
