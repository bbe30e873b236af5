import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import {
  conv2d,
  convTranspose2d,
  einsum,
  gatherElements,
  gatherNd,
  pad,
  resize,
  scatterElements,
  scatterNd,
  stridedSlice,
} from '../../src/ops/index.js';
import { onEngines } from '../support/engines.js';

const ints = (values: number[], shape: number[]): tf.Tensor => tf.tensor(values, shape, 'int32');

/** What an op makes of a tensor, which stays as it was. */
function expectValues(x: tf.Tensor, run: (x: tf.Tensor) => tf.Tensor, shape: number[], values: number[]): void {
  const before = [...x.dataSync()];
  const y = run(x);
  expect([y.dtype, ...y.shape]).to.deep.equal([x.dtype, ...shape]);
  expect([...y.dataSync()]).to.deep.equal(values);
  expect([...x.dataSync()]).to.deep.equal(before);
}

onEngines('ops: whole numbers', () => {
  it('are taken, put, padded and resized as they are', () => {
    tf.tidy(() => {
      const x = ints([1, 2, 3, 4, 5, 6], [2, 3]);
      expectValues(x, (a) => stridedSlice(a, [-1, 2], [-9, -9], { steps: [-1, -2] }), [2, 2], [6, 4, 3, 1]);
      expectValues(x, (a) => stridedSlice(a, [1], [1]), [0, 3], []);
      expectValues(x, (a) => gatherNd(a, ints([1, -1, 0, 0], [2, 2])), [2], [6, 1]);
      expectValues(x, (a) => gatherElements(a, ints([2, 0, -1, 1], [2, 2]), 1), [2, 2], [3, 1, 6, 5]);
      expectValues(x, (a) => scatterNd(a, ints([1], [1, 1]), ints([7, 8, 9], [1, 3])), [2, 3], [1, 2, 3, 7, 8, 9]);
      expectValues(x, (a) => scatterNd(a, ints([1, 1], [2, 1]), ints([1, 1, 1, 2, 2, 2], [2, 3]), 'add'), [2, 3], [1, 2, 3, 7, 8, 9]); // prettier-ignore
      expectValues(x, (a) => scatterElements(a, ints([0, 0], [1, 2]), ints([9, 1], [1, 2]), 0), [2, 3], [9, 1, 3, 4, 5, 6]); // prettier-ignore
      expectValues(x, (a) => pad(a, [[0, 0], [1, 1]], 'edge'), [2, 5], [1, 1, 2, 3, 3, 4, 4, 5, 6, 6]); // prettier-ignore
      expectValues(x, (a) => pad(a, [[0, -1], [1, 0]], 'constant', 7), [1, 4], [7, 1, 2, 3]); // prettier-ignore
      expectValues(x, (a) => pad(a, [[0, 0], [0, 0]], 'reflect'), [2, 3], [1, 2, 3, 4, 5, 6]); // prettier-ignore
      expectValues(x, (a) => resize(a, [2, 6], { mode: 'nearest', coordinates: 'asymmetric', rounding: 'floor' }), [2, 6], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]); // prettier-ignore
    });
  });

  it('reduce at a place that several updates name', () => {
    tf.tidy(() => {
      const x = ints([1, 2, 3], [3]);
      const [at, updates] = [ints([2, 0, 2], [3, 1]), ints([5, -4, 4], [3])];
      expectValues(x, (a) => scatterNd(a, at, updates, 'max'), [3], [1, 2, 5]);
      expectValues(x, (a) => scatterNd(a, at, updates, 'min'), [3], [-4, 2, 3]);
      expectValues(x, (a) => scatterNd(a, at, updates, 'mul'), [3], [-4, 2, 60]);
    });
  });
});

onEngines('ops: shapes that do not fit', () => {
  const refused = (run: () => unknown, text: RegExp): void =>
    void expect(run).to.throw(text).with.property('code', 'E_SHAPE');

  it('are refused by name', () => {
    tf.tidy(() => {
      const x = tf.ones<tf.Rank.R4>([1, 4, 4, 3]);
      refused(() => conv2d(x, tf.ones([3, 3, 2, 4])), /multiple of those a filter sees/);
      refused(() => conv2d(x, tf.ones([3, 3, 1, 4])), /as many filters in each group/);
      refused(() => convTranspose2d(x, tf.ones([3, 3, 2, 4]), 1), /convTranspose2d.*\[1,4,4,3\]/);
      refused(() => convTranspose2d(x, tf.ones([3, 3, 2, 3]), 1, { outputPadding: [1, 0] }), /less output padding/);
      refused(() => pad(x, [[0, 0]]), /4 pairs/);
      refused(() => pad(tf.ones([2]), [[-2, -1]]), /cut off no more/);
      refused(() => resize(x, [1, 2, 2], { mode: 'linear', coordinates: 'half_pixel' }), /4 sizes/);
      refused(() => einsum('ij,jk->ik', tf.ones([2, 3])), /"ij,jk->ik".*\[2,3\]/);
      refused(() => einsum('ij->ik', tf.ones([2, 3])), /"ij->ik"/);
      const many = tf.zeros([2 ** 15, 1], 'int32');
      refused(() => scatterNd(tf.ones([2 ** 15]), many, tf.ones([2 ** 15]), 'max'), /at most 67108864/);
    });
  });
});
