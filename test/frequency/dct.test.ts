import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { dctMatrix, frameDct } from '../../src/frequency/dct.js';
import { expectClose, onEngines } from '../support/engines.js';

/** By scripts/fixtures/dct.py with scipy.fft.dctn(norm='ortho'). */
const fixture = JSON.parse(readFileSync(new URL('../fixtures/frequency/dct.json', import.meta.url), 'utf8')) as {
  shape: [number, number, number];
  image: number[];
  coefficients: number[];
};

onEngines('frequency: DCT of whole frames', () => {
  const [height, width] = fixture.shape;
  const matrix = (size: number): tf.Tensor2D => tf.tensor2d(dctMatrix(size), [size, size]);

  it("equals scipy's dctn with norm='ortho' in every channel", () => {
    tf.tidy(() => {
      const { forward } = frameDct(matrix(height), matrix(width));
      const coefficients = forward(tf.tensor3d(fixture.image, fixture.shape));
      expect(coefficients.shape).to.deep.equal([height, 3, width]);
      expectClose(tf.transpose(coefficients, [0, 2, 1]).dataSync(), fixture.coefficients, 1e-6);
    });
  });

  it("the inverse makes the image of scipy's coefficients", () => {
    tf.tidy(() => {
      const { inverse } = frameDct(matrix(height), matrix(width));
      const coefficients = tf.transpose(tf.tensor3d(fixture.coefficients, fixture.shape), [0, 2, 1]);
      expectClose(inverse(coefficients).dataSync(), fixture.image, 1e-6);
    });
  });
});
