import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import '../../src/ops/index.js';
import { onEngines } from '../support/engines.js';

onEngines('ops: relu gradient', () => {
  it('passes what lies above 0, and nothing at 0 or below', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([-2, -0, 0, 1e-30, 3, -1e-30]);
      const dy = tf.tensor1d([5, 6, 7, 8, 9, 10]);
      const dx = tf.grad((a: tf.Tensor) => tf.relu(a))(x, dy);
      // As PyTorch: the gradient at 0 is 0.
      expect([...dx.dataSync()].map((value) => value + 0)).to.deep.equal([0, 0, 0, 8, 9, 0]);
    });
  });

  it('goes through a chain of them', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[-1, 2], [3, -4]]); // prettier-ignore
      const dx = tf.grad((a: tf.Tensor) => tf.sum(tf.relu(tf.mul(tf.relu(a), tf.tensor2d([[1, -1], [2, 1]])))))(x); // prettier-ignore
      expect([...dx.dataSync()].map((value) => value + 0)).to.deep.equal([0, 0, 2, 0]);
    });
  });
});
