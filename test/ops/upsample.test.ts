import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { bilinearKernel, upsampleBilinear, UPSAMPLING } from '../../src/ops/index.js';
import { expectClose, onEngines } from '../support/engines.js';
import { sample } from './support/differences.js';

/** Padding of the transposed convolution, which its 16x16 kernel's stride of 8 leaves over. */
const PADDING = 4;

/**
 * Visits every product of the grouped transposed convolution: flat indices of `y [b, 8 h, 8 w, c]`, `x [b, h, w, c]`, and the kernel's value.
 */
function visitProducts(
  [batch, height, width, channels]: readonly number[],
  visit: (y: number, x: number, k: number) => void,
) {
  const kernel = bilinearKernel(channels!);
  const [outHeight, outWidth] = [height! * UPSAMPLING, width! * UPSAMPLING];
  for (let b = 0; b < batch!; b++)
    for (let iy = 0; iy < height!; iy++)
      for (let ix = 0; ix < width!; ix++)
        for (let ky = 0; ky < 16; ky++)
          for (let kx = 0; kx < 16; kx++) {
            const [oy, ox] = [iy * UPSAMPLING - PADDING + ky, ix * UPSAMPLING - PADDING + kx];
            if (oy < 0 || oy >= outHeight || ox < 0 || ox >= outWidth) continue;
            for (let c = 0; c < channels!; c++)
              visit(
                ((b * outHeight + oy) * outWidth + ox) * channels! + c,
                ((b * height! + iy) * width! + ix) * channels! + c,
                kernel[c * 256 + ky * 16 + kx]!,
              );
          }
}

onEngines('ops: bilinear upsampler', () => {
  for (const shape of [
    [1, 1, 1, 1],
    [1, 2, 3, 5],
    [3, 5, 4, 2],
  ] as [number, number, number, number][]) {
    it(`${shape.join(' x ')}: equals the transposed convolution of naive loops, and so does its gradient`, () => {
      const [batch, height, width, channels] = shape;
      const outShape: typeof shape = [batch, height * UPSAMPLING, width * UPSAMPLING, channels];
      const x = sample(batch * height * width * channels, 1);
      const dy = sample(x.length * UPSAMPLING * UPSAMPLING, 2);
      const [y, dx] = [dy.map(() => 0), x.map(() => 0)];
      visitProducts(shape, (i, j, k) => {
        y[i]! += x[j]! * k;
        dx[j]! += dy[i]! * k;
      });
      tf.tidy(() => {
        const { value, grad } = tf.valueAndGrad((a: tf.Tensor) => upsampleBilinear(a as tf.Tensor4D))(
          tf.tensor4d(new Float32Array(x), shape),
          tf.tensor4d(new Float32Array(dy), outShape),
        );
        expect(value.shape).to.deep.equal(outShape);
        expectClose(value.dataSync(), y, 1e-6, 'y');
        expectClose(grad.dataSync(), dx, 1e-6, 'dx');
      });
    });
  }

  it('a constant stays constant inside, and falls off towards zeros beyond the border', () => {
    tf.tidy(() => {
      const y = tf.squeeze(upsampleBilinear(tf.ones([1, 3, 3, 1]))).arraySync() as number[][];
      for (const row of y.slice(4, 20)) for (const value of row.slice(4, 20)) expect(value).to.be.closeTo(1, 1e-6);
      // The outermost centre lies 7/16 of a step beyond the last pixel: 9/16 of it in each direction is left.
      expect(y[0]![0]).to.be.closeTo((9 / 16) ** 2, 1e-6);
    });
  });

  it("the kernel is the reference's", () => {
    // fyu/drn, segment.py, fill_up_weights: f = ceil(16 / 2), c = (2 f - 1 - f % 2) / (2 f), w = (1 - |i / f - c|)(1 - |j / f - c|)
    const [f, c] = [8, 15 / 16];
    const kernel = bilinearKernel(2);
    expect(kernel).to.have.length(2 * 256);
    for (let k = 0; k < 2; k++)
      for (let i = 0; i < 16; i++)
        for (let j = 0; j < 16; j++)
          expect(kernel[k * 256 + i * 16 + j]).to.equal((1 - Math.abs(i / f - c)) * (1 - Math.abs(j / f - c)));
  });
});
