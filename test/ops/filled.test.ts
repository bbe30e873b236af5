import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/compile.js';
import { depthToSpace, roiAlign, whereFilled } from '../../src/ops/index.js';
import { expectTensor, onEngines, onTensorflow } from '../support/engines.js';
import { graphsIn } from '../serve/support/frames.js';

const COUNT = 6;
const PATTERNS = [
  [1, 1, 1, 1, 1, 1],
  [1, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
  [0, 1, 0, 0, 1, 0],
  [1, 1, 1, 0, 0, 0],
];

/** Regions of a picture, pooled and enlarged: what a detector does with its places. */
function pooled(picture: tf.Tensor4D, boxes: tf.Tensor2D, images: tf.Tensor1D): tf.Tensor4D {
  const regions = { boxes, images, levels: tf.sub(images, images) as tf.Tensor1D };
  const features = roiAlign([picture], regions, { size: 2, scales: [1] });
  return tf.depthToSpace(tf.relu(tf.conv2d(features, tf.ones([1, 1, 4, 4]), 1, 'same')), 2);
}

function inputs(pattern: number[]) {
  const values = Float32Array.from({ length: 2 * 8 * 9 * 4 }, (_, i) => Math.sin(i));
  const picture = tf.tensor4d(values, [2, 8, 9, 4]);
  const boxes = tf.tensor2d(Array.from({ length: COUNT }, (_, i) => [i / 2, 1, i / 2 + 3, 4 + i / 3]));
  const images = tf.tensor1d([0, 1, 0, 1, 0, 1], 'int32');
  return [picture, boxes, images, tf.tensor1d(pattern)] as const;
}

const onlyFilled = (picture: tf.Tensor4D, boxes: tf.Tensor2D, images: tf.Tensor1D, isFilled: tf.Tensor1D): tf.Tensor =>
  whereFilled(isFilled, [boxes, images], (own, ownImages) => [pooled(picture, own, ownImages)])[0]!;

onEngines('filled places', () => {
  it('have what all places would have, the others 0; the first always counts', () => {
    for (const pattern of PATTERNS) {
      tf.tidy(() => {
        const [picture, boxes, images, isFilled] = inputs(pattern);
        const counted = pattern.map((flag, i) => (i === 0 ? 1 : flag));
        const all = tf.mul(pooled(picture, boxes, images), tf.reshape(tf.tensor1d(counted), [COUNT, 1, 1, 1]));
        expectTensor(onlyFilled(picture, boxes, images, isFilled), all, 1e-6, pattern.join(''));
        let computed = 0;
        whereFilled(isFilled, [boxes], (own) => [tf.ones([(computed = own.shape[0])])]);
        expect(computed, pattern.join('')).to.equal(counted.reduce((sum, flag) => sum + flag, 0));
      });
    }
  });
});

onTensorflow('filled places of a compiled graph', () => {
  it('may be any number, whichever it was made with', async () => {
    for (const first of PATTERNS) {
      const compiled = compile(onlyFilled);
      const run = (pattern: number[]): void => {
        const given = inputs(pattern);
        const [made, expected] = [compiled(...given), onlyFilled(...given)];
        expectTensor(made, expected, 1e-5, `${first.join('')} ${pattern.join('')}`);
        tf.dispose([made, expected, ...given]);
      };
      run(first);
      const { loaded } = await graphsIn(() => Promise.resolve(PATTERNS.forEach(run)));
      expect(loaded).to.equal(0);
      compiled.dispose();
    }
  });

  it('are enlarged as by our own depthToSpace', () => {
    tf.tidy(() => {
      const x = tf.randomNormal([2, 3, 4, 8], 0, 1, 'float32', 5) as tf.Tensor4D;
      expectTensor(tf.depthToSpace(x, 2), depthToSpace(x, 2), 0);
    });
  });
});
