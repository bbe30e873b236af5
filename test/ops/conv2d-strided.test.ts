import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { startEngine } from '../../src/engine/start.js';
import '../../src/ops/index.js';

describe('ops: gradients of strided 1x1 convolutions', () => {
  before(() => startEngine());

  // On some machines the native kernel corrupts the heap here, and the process dies of it sooner or later.
  for (const [height, width, channels, filters] of [
    [16, 16, 8, 16],
    [32, 32, 8, 8],
    [16, 30, 24, 8],
  ] as const) {
    it(`[1, ${height}, ${width}, ${channels}] to ${filters} channels equal matrix products, a hundred times`, () => {
      const before = tf.memory().numTensors;
      const [tall, wide] = [height / 2, width / 2];
      for (let i = 0; i < 100; i++) {
        const worst = tf.tidy(() => {
          const x = tf.randomNormal([1, height, width, channels], 0, 1, 'float32', i) as tf.Tensor4D;
          const filter = tf.randomNormal([1, 1, channels, filters], 0, 1, 'float32', i) as tf.Tensor4D;
          const dy = tf.randomNormal([1, tall, wide, filters], 0, 1, 'float32', i);
          const run = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 2, 'valid');
          const [dx, dFilter] = tf.grads(run)([x, filter], dy) as [tf.Tensor, tf.Tensor];
          const every = (tensor: tf.Tensor): tf.Tensor =>
            tf.reshape(tf.stridedSlice(tensor, [0, 0, 0, 0], [1, height, width, channels], [1, 2, 2, 1]), [
              -1,
              channels,
            ]);
          const flat = tf.reshape(dy, [-1, filters]);
          const product = tf.matMul(every(x), flat, true);
          const back = tf.matMul(flat, tf.reshape(filter, [channels, filters]), false, true);
          const errors = [
            tf.sub(tf.reshape(dFilter, [channels, filters]), product),
            tf.sub(every(dx), back),
            tf.sub(tf.sum(tf.square(dx)), tf.sum(tf.square(back))).div(back.size),
          ];
          return tf.max(tf.stack(errors.map((error) => tf.max(tf.abs(error))))).dataSync()[0]!;
        });
        expect(worst).to.be.lessThan(1e-3);
      }
      expect(tf.memory().numTensors).to.equal(before);
    });
  }
});
