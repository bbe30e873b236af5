import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { compile } from '../../../src/engine/index.js';
import { onTensorflow } from '../../support/engines.js';

/** Normalized by its own mean and variance along the last axis. */
function normalize(x: tf.Tensor, scaleShape: number[], root: 'sqrt' | 'rsqrt'): tf.Tensor {
  const { mean, variance } = tf.moments(x, x.rank - 1, true);
  const moved = tf.add(variance, 1e-6);
  const apart = tf.sub(x, mean);
  const y = root === 'sqrt' ? tf.div(apart, tf.sqrt(moved)) : tf.mul(apart, tf.rsqrt(moved));
  const scale = tf.reshape(tf.linspace(1, 2, x.shape.at(-1)!), scaleShape);
  return tf.add(tf.mul(y, scale), tf.reshape(tf.linspace(0, 1, x.shape.at(-1)!), scaleShape));
}

onTensorflow('engine: normalizations by their own statistics', () => {
  const shapes = [
    [1, 192],
    [1, 1, 192],
    [2, 3, 192],
  ];
  for (const shape of shapes) {
    for (const scaleShape of [[192], [...shape.slice(1).map(() => 1), 192]]) {
      for (const root of ['sqrt', 'rsqrt'] as const) {
        it(`[${shape}] by a scale [${scaleShape}] and ${root} are compiled to what they are op by op`, () => {
          const rows = shape.length === 3 ? shape[0]! * shape[1]! : 1;
          const network = (x: tf.Tensor): tf.Tensor =>
            normalize(tf.reshape(tf.mul(tf.slice(x, [0, 0, 0], [1, rows, 192]), 2), shape), scaleShape, root);
          const input = tf.randomNormal([1, 16, 192], 0, 0.05, 'float32', 1);
          const compiled = compile(network);
          const expected = tf.tidy(() => network(input));
          const answer = compiled(input);
          const distance = tf.tidy(() => tf.max(tf.abs(tf.sub(answer, expected))).dataSync()[0]);
          compiled.dispose();
          tf.dispose([input, expected, answer]);
          expect(distance).to.be.below(1e-5);
        });
      }
    }
  }
});
