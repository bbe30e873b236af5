import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { pyramidLevels, roiAlign } from '../../src/ops/index.js';
import { expectClose, onEngines, onTensorflow } from '../support/engines.js';
import { sample } from './support/differences.js';

/** One region of a 4 x 4 picture of 0 to 15, as 2 x 2. */
function pooled(box: [number, number, number, number]): number[] {
  return tf.tidy(() => {
    const picture = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]) as tf.Tensor4D;
    const none = tf.zeros([1], 'int32') as tf.Tensor1D;
    const regions = { boxes: tf.tensor2d([box]), images: none, levels: none };
    return [...roiAlign([picture], regions, { size: 2, scales: [1] }).dataSync()];
  });
}

onEngines('roiAlign', () => {
  // What torchvision.ops.roi_align(range(16), box, 2, 1.0, 2, False) gives.
  it('gives 5, 6.75, 12, 13.75 of a picture of 0 to 15 that a region covers whole', () => {
    expectClose(pooled([0, 0, 4, 4]), [5, 6.75, 12, 13.75], 1e-6);
  });

  it('gives 15, 0, 0, 0 of a region of half a pixel in the corner, which counts as one pixel wide', () => {
    expectClose(pooled([3.5, 3.5, 4, 4]), [15, 0, 0, 0], 1e-6);
  });

  it('pools squares with sides of 111.99, 112, 224 and 448 pixels from the levels of strides 4, 8, 16 and 32', () => {
    const levels = tf.tidy(() => {
      const boxes = tf.tensor2d([1, 111.99, 112, 223.99, 224, 447.99, 448, 2000].map((side) => [0, 0, side, side]));
      return [...pyramidLevels(boxes, 4).dataSync()];
    });
    expect(levels).to.deep.equal([0, 0, 1, 1, 2, 2, 3, 3]);
  });
});

onTensorflow('roiAlign', () => {
  it('gives the same bits of a gradient in 40 runs on several threads', () => {
    const [count, size, channels] = [512, 7, 32];
    const digests = tf.tidy(() => {
      const places = sample(4 * count, 3);
      const corners = Array.from({ length: count }, (_, i) => {
        const [x, y, width, height] = places.subarray(4 * i, 4 * i + 4).map((value) => 60 * (value + 1)) as unknown as [number, number, number, number]; // prettier-ignore
        return [x, y, x + width, y + height];
      });
      const none = tf.zeros([count], 'int32') as tf.Tensor1D;
      const regions = { boxes: tf.tensor2d(corners), images: none, levels: none };
      const picture = tf.tensor4d(Float32Array.from(sample(40 * 40 * channels)), [1, 40, 40, channels]);
      const dy = tf.tensor4d(Float32Array.from(sample(count * size * size * channels, 2)), [count, size, size, channels]); // prettier-ignore
      const gradient = tf.grad((x) => roiAlign([x as tf.Tensor4D], regions, { size, scales: [0.25] }));
      return Array.from({ length: 40 }, () => Buffer.from(tf.tidy(() => gradient(picture, dy)).dataSync().buffer.slice(0)).toString('base64')); // prettier-ignore
    });
    expect(new Set(digests).size).to.equal(1);
  });
});
