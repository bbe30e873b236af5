import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import '../../src/ops/index.js';
import { expectClose, onEngines } from '../support/engines.js';
import { centralDifferences, sample } from './support/differences.js';
import { outputSize, visitProducts, type ConvSizes } from './support/naive-conv.js';

type Padding = 'same' | 'valid' | 'explicit' | 'number';

const [CHANNELS, FILTERS] = [2, 3];
/** Batch, height, width. */
const IMAGES = [
  [1, 9, 12],
  [3, 13, 7],
] as const;

/** What `same` pads at a size: the rest behind, as TensorFlow does. @source TensorFlow's documentation of tf.nn.convolution */
function samePadding(size: number, kernel: number, stride: number, dilation: number): [number, number] {
  const out = Math.ceil(size / stride);
  const total = Math.max(0, (out - 1) * stride + dilation * (kernel - 1) + 1 - size);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

/** The padding in rows and columns, and as tf.conv2d takes it. */
function pad(padding: Padding, [, height, width]: readonly number[], kernel: number, stride: number, dilation: number) {
  if (padding === 'same') {
    const [top, bottom] = samePadding(height!, kernel, stride, dilation);
    const [left, right] = samePadding(width!, kernel, stride, dilation);
    return { top, bottom, left, right, argument: padding };
  }
  const [top, bottom, left, right] = { valid: [0, 0, 0, 0], explicit: [1, 3, 2, 0], number: [2, 2, 2, 2] }[padding] as [
    number,
    number,
    number,
    number,
  ];
  const explicit = [[0, 0], [top, bottom], [left, right], [0, 0]]; // prettier-ignore
  return { top, bottom, left, right, argument: { valid: 'valid', explicit, number: 2 }[padding] };
}

/** `y`, `dx` and `dw` for `dy`, by naive loops. */
function naive(sizes: ConvSizes, x: Float64Array, w: Float64Array, dy: Float64Array) {
  const [y, dx, dw] = [dy.map(() => 0), x.map(() => 0), w.map(() => 0)];
  visitProducts(sizes, (i, j, k) => {
    y[i]! += x[j]! * w[k]!;
    dx[j]! += dy[i]! * w[k]!;
    dw[k]! += dy[i]! * x[j]!;
  });
  return { y, dx, dw };
}

onEngines('ops: conv2d gradient', (engine) => {
  for (const kernel of [1, 3, 5, 7])
    for (const [stride, dilation] of [
      [1, 1],
      [2, 1],
      [1, 2],
      [1, 4],
    ] as const)
      // prettier-ignore
      for (const padding of ['same', 'valid', 'explicit', 'number'] as const) {
        const cases = IMAGES.flatMap((image) => {
          const { argument, ...sides } = pad(padding, image, kernel, stride, dilation);
          const [batch, height, width] = image;
          const sizes = { batch, height, width, channels: CHANNELS, filters: FILTERS, kernel, stride, dilation, ...sides };
          return Math.min(...outputSize(sizes)) < 1 ? [] : [{ sizes, argument }];
        });
        if (cases.length === 0) continue;
        it(`kernel ${kernel}, stride ${stride}, dilation ${dilation}, padding ${padding}`, () => {
          for (const { sizes, argument } of cases) {
            const { batch, height, width } = sizes;
            const x = sample(batch * height * width * CHANNELS, 1);
            const w = sample(kernel * kernel * CHANNELS * FILTERS, 2);
            const dy = sample(batch * outputSize(sizes)[0]! * outputSize(sizes)[1]! * FILTERS, 3);
            const expected = naive(sizes, x, w, dy);
            tf.tidy(() => {
              const shape = [batch, ...outputSize(sizes), FILTERS] as [number, number, number, number];
              const conv = (a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D =>
                tf.conv2d(a, b, stride, argument as 'same', 'NHWC', dilation);
              const { value, grads } = tf.valueAndGrads((...[a, b]: tf.Tensor[]) => conv(a as tf.Tensor4D, b as tf.Tensor4D))(
                [
                  tf.tensor(new Float32Array(x), [batch, height, width, CHANNELS]),
                  tf.tensor(new Float32Array(w), [kernel, kernel, CHANNELS, FILTERS]),
                ],
                tf.tensor(new Float32Array(dy), shape),
              );
              expect(value.shape).to.deep.equal(shape);
              expectClose(value.dataSync(), expected.y, 1e-5, 'y');
              expectClose(grads[0]!.dataSync(), expected.dx, 1e-5, 'dx');
              expectClose(grads[1]!.dataSync(), expected.dw, 1e-5, 'dw');
            });
          }
        });
      }

  if (engine === 'tensorflow')
    it('many channels, where one matrix product per tap gives the gradient of the filter', () => {
      for (const [padding, dilation] of [
        ['same', 2],
        ['explicit', 1],
      ] as const) {
        const image = [1, 4, 5] as const;
        const { argument, ...sides } = pad(padding, image, 3, 1, dilation);
        const common = { channels: 256, filters: 256, kernel: 3, stride: 1, dilation };
        const sizes = { batch: 1, height: 4, width: 5, ...common, ...sides };
        const [x, w] = [sample(4 * 5 * 256, 1), new Float64Array(9 * 256 * 256)];
        const shape: [number, number, number, number] = [1, outputSize(sizes)[0]!, outputSize(sizes)[1]!, 256];
        const dy = sample(shape[1] * shape[2] * 256, 2);
        visitProducts(sizes, (i, j, k) => (w[k]! += dy[i]! * x[j]!));
        tf.tidy(() => {
          const seen = tf.tensor4d(new Float32Array(x), [1, 4, 5, 256]);
          const dw = tf.grad((filter: tf.Tensor) =>
            tf.conv2d(seen, filter as tf.Tensor4D, 1, argument as 'same', 'NHWC', dilation),
          )(tf.zeros([3, 3, 256, 256]), tf.tensor4d(new Float32Array(dy), shape));
          expectClose(dw.dataSync(), w, 1e-5, `dw, padding ${padding}`);
        });
      }
    });

  it('equals central differences of the naive loops', () => {
    const sizes = { batch: 2, height: 5, width: 4, channels: 2, filters: 2, kernel: 3, stride: 1, dilation: 2 };
    const all = { ...sizes, top: 2, bottom: 2, left: 2, right: 2 };
    const [x, w, dy] = [sample(2 * 5 * 4 * 2, 4), sample(3 * 3 * 2 * 2, 5), sample(2 * 5 * 4 * 2, 6)];
    const loss = (): number => naive(all, x, w, dy).y.reduce((sum, value, i) => sum + value * dy[i]!, 0);
    tf.tidy(() => {
      const [dx, dw] = tf.grads((...[a, b]: tf.Tensor[]) =>
        tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same', 'NHWC', 2),
      )(
        [tf.tensor(new Float32Array(x), [2, 5, 4, 2]), tf.tensor(new Float32Array(w), [3, 3, 2, 2])],
        tf.tensor(new Float32Array(dy), [2, 5, 4, 2]),
      );
      expectClose(dx!.dataSync(), centralDifferences(loss, x), 1e-5, 'dx');
      expectClose(dw!.dataSync(), centralDifferences(loss, w), 1e-5, 'dw');
    });
  });

  if (engine !== 'wasm')
    it('with the channels first it is the same gradient, transposed', () => {
      tf.tidy(() => {
        const x = tf.randomUniform([2, 7, 6, 3], -1, 1, 'float32', 1) as tf.Tensor4D;
        const w = tf.randomUniform([3, 3, 3, 4], -1, 1, 'float32', 2) as tf.Tensor4D;
        const first = (t: tf.Tensor): tf.Tensor4D => tf.transpose(t, [0, 3, 1, 2]) as tf.Tensor4D;
        const rows = [[0, 0], [1, 2], [2, 0], [0, 0]] as const; // prettier-ignore
        const channels = [[0, 0], [0, 0], [1, 2], [2, 0]] as const; // prettier-ignore
        for (const [here, there] of [
          ['same', 'same'],
          [rows, channels],
        ] as const) {
          // prettier-ignore
          const last = tf.grads((...[a, b]: tf.Tensor[]) => tf.square(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, here as never)))([x, w]);
          const turned = tf.grads((...[a, b]: tf.Tensor[]) =>
            tf.square(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, there as never, 'NCHW')),
          )([first(x), w]);
          expectClose(turned[0]!.dataSync(), first(last[0]!).dataSync(), 1e-5, 'dx');
          expectClose(turned[1]!.dataSync(), last[1]!.dataSync(), 1e-5, 'dw');
        }
      });
    });
});
