import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/compile.js';
import { expectTensor, onEngines, onTensorflow } from '../support/engines.js';

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  'momentum of Nesterov': () => tf.train.momentum(0.1, 0.9, true),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
  adam: () => tf.train.adam(0.1),
  adamax: () => tf.train.adamax(0.1),
  rmsprop: () => tf.train.rmsprop(0.1, 0.9, 0.5),
  'centered rmsprop': () => tf.train.rmsprop(0.1, 0.9, 0, 1e-7, true),
};

/** A small regression: weights, and one step of an optimizer on them. */
function regression(optimizer: tf.Optimizer): {
  weights: tf.Variable[];
  step: (x: tf.Tensor, y: tf.Tensor) => tf.Scalar;
} {
  const weights = tf.tidy(() => [tf.variable(tf.tensor2d([[0.5], [-1], [2]])), tf.variable(tf.tensor1d([0.25]))]);
  const [slope, offset] = weights as [tf.Variable, tf.Variable];
  const step = (x: tf.Tensor, y: tf.Tensor): tf.Scalar =>
    optimizer.minimize(
      () =>
        tf.losses.meanSquaredError(y, tf.add(tf.matMul(x as tf.Tensor2D, slope as tf.Tensor2D), offset)) as tf.Scalar,
      true,
      weights,
    )!;
  return { weights, step };
}

const data = (rows: number): [tf.Tensor2D, tf.Tensor2D] => [
  tf.randomUniform([rows, 3], -1, 1, 'float32', rows),
  tf.randomUniform([rows, 1], -1, 1, 'float32', rows + 50),
];

/** Disposes an optimizer with its slots; the tensors that tf.train's own dispose forgets too. */
function disposeOptimizer(optimizer: tf.Optimizer): void {
  optimizer.dispose();
  for (const value of Object.values(optimizer)) if (value instanceof tf.Tensor && !value.isDisposed) value.dispose();
}

onEngines('compile: optimizers', () => {
  for (const [name, make] of Object.entries(OPTIMIZERS)) {
    it(`${name} takes the same steps as eagerly, over batches of two sizes`, () => {
      const [one, other] = [make(), make()];
      const [eager, plain] = [regression(one), regression(other)];
      const compiled = compile(plain.step);
      for (const rows of [4, 4, 6, 4]) {
        const [x, y] = data(rows);
        tf.tidy(() => expectTensor(compiled(x, y), eager.step(x, y), 1e-5, `loss on ${rows} rows`));
        tf.dispose([x, y]);
      }
      plain.weights.forEach((weight, i) => expectTensor(weight, eager.weights[i]!, 1e-5, `weight ${i}`));
      compiled.dispose();
      tf.dispose([...eager.weights, ...plain.weights]);
      disposeOptimizer(one);
      disposeOptimizer(other);
    });
  }
});

onTensorflow('compile: learning rates', () => {
  for (const name of ['sgd', 'adam'] as const) {
    it(`${name}: a rate that is set later counts from the next step on`, () => {
      const optimizer = tf.train[name](0.1);
      const { weights, step } = regression(optimizer);
      const compiled = compile(step);
      const [x, y] = data(4);
      compiled(x, y).dispose();
      const before = weights[0]!.dataSync();
      if (name === 'sgd') (optimizer as tf.SGDOptimizer).setLearningRate(0);
      else (optimizer as unknown as { learningRate: number }).learningRate = 0;
      compiled(x, y).dispose();
      expect(weights[0]!.dataSync()).to.deep.equal(before);
      expect(compiled.graphs).to.equal(1);
      compiled.dispose();
      tf.dispose([x, y, ...weights]);
      disposeOptimizer(optimizer);
    });
  }

  it('an optimizer made inside the function keeps its rate', () => {
    const weight = tf.tidy(() => tf.variable(tf.scalar(1)));
    const compiled = compile((x: tf.Tensor) => {
      const sgd = tf.train.sgd(0.25);
      const cost = sgd.minimize(() => tf.mul(weight, x) as tf.Scalar, true, [weight])!;
      sgd.dispose();
      return cost;
    });
    const x = tf.scalar(2);
    for (let i = 0; i < 2; i++) compiled(x).dispose();
    // 1 - 0.25 * 2, twice
    expect(weight.dataSync()[0]).to.equal(0);
    compiled.dispose();
    tf.dispose([x, weight]);
  });
});
