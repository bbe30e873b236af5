import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { channelsLast, inOrder, reshapedAxes } from '../../../src/models/onnx/axes.js';
import { Value } from '../../../src/models/onnx/value.js';
import { Random } from '../../../src/common/random.js';
import { expectTensor, onEngines } from '../../support/engines.js';

describe('onnx: orders of axes', () => {
  // Channels last is [n, h, w, c] of a value [n, c, h, w].
  const CASES: [string, number[], number[], number[], number[] | undefined][] = [
    ['pixels in one row', [2, 8, 3, 5], channelsLast(4), [2, 8, 15], [0, 2, 1]],
    ['pixels out of one row', [2, 8, 15], [0, 2, 1], [2, 8, 3, 5], channelsLast(4)],
    ['channels in groups', [2, 8, 3, 5], channelsLast(4), [2, 4, 2, 3, 5], [0, 3, 4, 1, 2]],
    ['one pixel', [2, 8, 1, 1], channelsLast(4), [2, 8], [0, 1]],
    ['all in one row has to be sorted', [2, 8, 3, 5], channelsLast(4), [2, 120], undefined],
    ['channels mixed with rows has to be sorted', [2, 8, 3, 5], channelsLast(4), [2, 24, 5], undefined],
    ['batch and pixels change sides', [2, 8, 3, 5], [1, 0, 2, 3], [16, 15], undefined],
  ];
  for (const [title, from, axes, to, expected] of CASES) {
    it(`reshaping ${title}: ${expected ? 'nothing moves' : 'no order does'}`, () => {
      expect(reshapedAxes(from, axes, to)).to.deep.equal(expected);
    });
  }
});

onEngines('onnx: values', () => {
  const SHAPES = [[2, 6, 4], [12, 4], [2, 3, 2, 4], [1, 48], [2, 24, 1], [4, 3, 4, 1], [48]]; // prettier-ignore

  it('a chain of 300 transpositions, reshapes and requests in other orders keeps every number where ONNX has it', () => {
    const random = new Random(3);
    const pick = (count: number): number => Math.floor(random.next() * count);
    tf.tidy(() => {
      const start = tf.range(0, 48).reshape([2, 6, 4]);
      let value = Value.of('float32', start);
      let plain: tf.Tensor = start;
      for (let step = 0; step < 300; step++) {
        const shuffled = inOrder(plain.rank).sort(() => random.next() - 0.5);
        const action = pick(3);
        if (action === 0) {
          value = value.transposed(shuffled);
          plain = tf.transpose(plain, shuffled);
        } else if (action === 1) {
          const shape = SHAPES[pick(SHAPES.length)]!;
          value = value.reshaped(shape);
          plain = tf.reshape(plain, shape);
        } else {
          expectTensor(value.in(shuffled), tf.transpose(plain, shuffled), 0, `step ${step}`);
        }
        expect(value.shape, `step ${step}`).to.deep.equal(plain.shape);
      }
      expectTensor(value.tensor(), plain, 0);
    });
  });

  it('is moved once for each order that is asked for', () => {
    tf.tidy(() => {
      const value = Value.of('float32', tf.zeros([1, 3, 4, 5]));
      expect(value.in(channelsLast(4))).to.equal(value.in(channelsLast(4)));
    });
  });

  it('whole numbers beyond 32 bits come to the engine as its largest', () => {
    tf.tidy(() => {
      const { numbers } = {
        numbers: [
          ...Value.ofNumbers([2 ** 63, -(2 ** 63), 7])
            .tensor()
            .dataSync(),
        ],
      };
      expect(numbers).to.deep.equal([2 ** 31 - 1, -(2 ** 31), 7]);
    });
  });
});
