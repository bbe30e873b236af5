import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { maxPool } from '../../src/ops/index.js';
import { expectClose, onEngines } from '../support/engines.js';
import { sample } from './support/differences.js';

type Shape = [number, number, number, number];
const WINDOW = { size: 3, stride: 2, padding: 1 };

/** For every window, in order: where its largest value lies in `x [batch, height, width, channels]`. */
function largest(x: Float64Array, [batch, height, width, channels]: Shape, { size, stride, padding }: typeof WINDOW) {
  const pooled = (length: number): number => Math.floor((length + 2 * padding - size) / stride) + 1;
  const places: number[] = [];
  for (let b = 0; b < batch; b++)
    for (let oy = 0; oy < pooled(height); oy++)
      for (let ox = 0; ox < pooled(width); ox++)
        for (let c = 0; c < channels; c++) {
          let best = -1;
          for (let y = oy * stride - padding; y < oy * stride - padding + size; y++)
            for (let i = ox * stride - padding; i < ox * stride - padding + size; i++) {
              if (y < 0 || y >= height || i < 0 || i >= width) continue;
              const place = ((b * height + y) * width + i) * channels + c;
              if (best < 0 || x[place]! > x[best]!) best = place;
            }
          places.push(best);
        }
  return { places, shape: [batch, pooled(height), pooled(width), channels] as Shape };
}

onEngines('ops: max pooling', () => {
  for (const shape of [
    [1, 1, 1, 1],
    [2, 7, 9, 3],
    [1, 8, 5, 4],
    [2, 6, 10, 2],
  ] as Shape[]) {
    for (const window of [WINDOW, { size: 2, stride: 1, padding: 1 }, { size: 3, stride: 3, padding: 0 }]) {
      if (window.padding === 0 && shape[1] < 3) continue;
      it(`${window.size} x ${window.size}, stride ${window.stride}, padding ${window.padding} on [${shape}], forward and backward`, () => {
        // All below 0, so that padding with zeros would win.
        const x = sample(shape.reduce((a, b) => a * b, 1)).map((value) => Math.fround(value - 2));
        const { places, shape: pooled } = largest(x, shape, window);
        const dy = sample(places.length, 7);
        const dx = new Float64Array(x.length);
        places.forEach((place, i) => (dx[place]! += dy[i]!));
        tf.tidy(() => {
          const input = tf.tensor4d(Float32Array.from(x), shape);
          const run = (a: tf.Tensor): tf.Tensor => maxPool(a as tf.Tensor4D, window);
          const y = run(input);
          expect(y.shape).to.deep.equal(pooled);
          expectClose(y.dataSync(), places.map((place) => x[place]!), 0); // prettier-ignore
          const gradient = tf.grad(run)(input, tf.tensor4d(Float32Array.from(dy), pooled));
          expectClose(gradient.dataSync(), dx, 1e-6);
        });
      });
    }
  }

  it("holds for TensorFlow's `same`, which pads one side only", () => {
    tf.tidy(() => {
      const x = tf.tensor4d(
        Float32Array.from(sample(160), (value) => value - 2),
        [1, 8, 5, 4],
      );
      const dy = tf.tensor4d(Float32Array.from(sample(48, 7)), [1, 4, 3, 4]);
      const below = (a: tf.Tensor4D) => tf.pad4d(a, [[0, 0], [0, 1], [1, 1], [0, 0]], -Infinity); // prettier-ignore
      const same = tf.grad((a: tf.Tensor) => tf.maxPool(a as tf.Tensor4D, 3, 2, 'same'))(x, dy);
      const valid = tf.grad((a: tf.Tensor) => tf.maxPool(below(a as tf.Tensor4D), 3, 2, 'valid'))(x, dy);
      expectClose(same.dataSync(), valid.dataSync(), 0);
      expect(same.sum().dataSync()[0]).to.be.closeTo(dy.sum().dataSync()[0]!, 1e-5);
    });
  });

  it('gives the gradient to the first of equal values, as PyTorch does', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([0, 0, 0, 0, 5, 5, 0, 5, 5], [1, 3, 3, 1]);
      const run = (a: tf.Tensor): tf.Tensor => maxPool(a as tf.Tensor4D, WINDOW);
      const dx = tf.grad(run)(x, tf.tensor4d([1, 10, 100, 1000], [1, 2, 2, 1]));
      // torch 2.11: max_pool2d(x, 3, 2, 1)
      expect([...dx.dataSync()]).to.deep.equal([0, 0, 0, 0, 1111, 0, 0, 0, 0]);
    });
  });
});
