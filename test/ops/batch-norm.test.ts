import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { batchNormFrozen, batchNormTraining } from '../../src/ops/index.js';
import { expectClose, onEngines } from '../support/engines.js';
import { centralDifferences, sample } from './support/differences.js';

const CHANNELS = 3;
const EPSILON = 1e-3;

/** Batch, height, width; one pixel is the least that training can see, and has no variance. */
const SIZES = [
  [1, 5, 7],
  [3, 4, 3],
  [2, 1, 1],
  [1, 1, 1],
] as const;

interface Statistics {
  mean: Float64Array;
  variance: Float64Array;
}

/** Mean and biased variance of each channel of `x [pixels, channels]`. */
function statistics(x: Float64Array): Statistics {
  const pixels = x.length / CHANNELS;
  const [mean, variance] = [new Float64Array(CHANNELS), new Float64Array(CHANNELS)];
  x.forEach((value, i) => (mean[i % CHANNELS]! += value / pixels));
  x.forEach((value, i) => (variance[i % CHANNELS]! += (value - mean[i % CHANNELS]!) ** 2 / pixels));
  return { mean, variance };
}

function normalize(x: Float64Array, { mean, variance }: Statistics, scale: Float64Array, offset: Float64Array) {
  return x.map((value, i) => {
    const c = i % CHANNELS;
    return ((value - mean[c]!) / Math.sqrt(variance[c]! + EPSILON)) * scale[c]! + offset[c]!;
  });
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const vector = (values: Float64Array): tf.Tensor1D => tf.tensor1d(new Float32Array(values));

onEngines('ops: batch normalization', () => {
  for (const [batch, height, width] of SIZES) {
    const shape: [number, number, number, number] = [batch, height, width, CHANNELS];
    const pixels = batch * height * width;
    const [x, dy] = [sample(pixels * CHANNELS, 1), sample(pixels * CHANNELS, 2)];
    const [scale, offset] = [Float64Array.of(1.5, -0.5, 2), Float64Array.of(0.5, 1, -1)];
    const image = (values: Float64Array): tf.Tensor4D => tf.tensor4d(new Float32Array(values), shape);

    it(`in training, ${shape.join(' x ')}: results and unbiased variance equal naive loops`, () => {
      const batchStatistics = statistics(x);
      tf.tidy(() => {
        const { y, mean, variance } = batchNormTraining(
          image(x),
          { scale: vector(scale), offset: vector(offset) },
          EPSILON,
        );
        expect([y.shape, mean.shape, variance.shape]).to.deep.equal([shape, [CHANNELS], [CHANNELS]]);
        expectClose(y.dataSync(), normalize(x, batchStatistics, scale, offset), 1e-5, 'y');
        expectClose(mean.dataSync(), batchStatistics.mean, 1e-5, 'mean');
        const unbiased = batchStatistics.variance.map((v) => (v * pixels) / Math.max(1, pixels - 1));
        expectClose(variance.dataSync(), unbiased, 1e-5, 'variance');
      });
    });

    it(`in training, ${shape.join(' x ')}: gradients equal central differences`, () => {
      const loss = (): number => dot(normalize(x, statistics(x), scale, offset), dy);
      tf.tidy(() => {
        const [dx, dScale, dOffset] = tf.grads((...[a, s, o]: tf.Tensor[]) => {
          const given = { scale: s as tf.Tensor1D, offset: o as tf.Tensor1D };
          return batchNormTraining(a as tf.Tensor4D, given, EPSILON).y;
        })([image(x), vector(scale), vector(offset)], image(dy));
        // Of two pixels the sums cancel out nearly: what is left is rounding, so compare with the size of what was summed.
        const expected = centralDifferences(loss, x);
        for (const [i, value] of dx!.dataSync().entries())
          expect(value, `dx ${i}`).to.be.closeTo(expected[i]!, 2e-5 * 60);
        expectClose(dScale!.dataSync(), centralDifferences(loss, scale), 1e-4, 'dScale');
        expectClose(dOffset!.dataSync(), centralDifferences(loss, offset), 1e-5, 'dOffset');
      });
    });

    it(`with statistics given, ${shape.join(' x ')}: results and gradients equal naive loops and central differences`, () => {
      const given = { mean: Float64Array.of(0.25, -0.5, 0.75), variance: Float64Array.of(0.5, 2, 0) };
      const loss = (): number => dot(normalize(x, given, scale, offset), dy);
      const tensors = (s: tf.Tensor, o: tf.Tensor) => ({
        scale: s as tf.Tensor1D,
        offset: o as tf.Tensor1D,
        mean: vector(given.mean),
        variance: vector(given.variance),
      });
      tf.tidy(() => {
        const { value, grads } = tf.valueAndGrads((...[a, s, o]: tf.Tensor[]) =>
          batchNormFrozen(a as tf.Tensor4D, tensors(s!, o!), EPSILON),
        )([image(x), vector(scale), vector(offset)], image(dy));
        expectClose(value.dataSync(), normalize(x, given, scale, offset), 1e-5, 'y');
        expectClose(grads[0]!.dataSync(), centralDifferences(loss, x), 1e-5, 'dx');
        expectClose(grads[1]!.dataSync(), centralDifferences(loss, scale), 1e-5, 'dScale');
        expectClose(grads[2]!.dataSync(), centralDifferences(loss, offset), 1e-5, 'dOffset');
      });
    });
  }

  it('outside a tidy only what it returns is left', () => {
    const [x, one] = [tf.randomUniform([2, 3, 4, 3], 0, 1, 'float32', 1) as tf.Tensor4D, tf.ones([3]) as tf.Tensor1D];
    const before = tf.memory().numTensors;
    tf.dispose(batchNormTraining(x, { scale: one, offset: one }, EPSILON));
    batchNormFrozen(x, { scale: one, offset: one, mean: one, variance: one }, EPSILON).dispose();
    expect(tf.memory().numTensors).to.equal(before);
    tf.dispose([x, one]);
  });
});
