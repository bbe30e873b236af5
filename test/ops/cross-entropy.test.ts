import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/compile.js';
import { softmaxCrossEntropy } from '../../src/ops/index.js';
import { expectClose, onEngines, onTensorflow } from '../support/engines.js';
import { centralDifferences, sample } from './support/differences.js';

/** The mean over the pixels that count of `log(sum(exp(logits))) - logit of the label`. */
function naive(logits: Float64Array, labels: number[], classes: number, ignore: number): number {
  let [sum, count] = [0, 0];
  labels.forEach((label, i) => {
    if (label === ignore) return;
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const largest = Math.max(...row);
    sum += largest + Math.log(row.reduce((total, value) => total + Math.exp(value - largest), 0)) - row[label]!;
    count++;
  });
  return sum / Math.max(1, count);
}

/** Labels of every class in turn, every `step`-th pixel ignored. */
const labelsOf = (pixels: number, classes: number, ignore: number, step: number): number[] =>
  Array.from({ length: pixels }, (_, i) => (i % step === step - 1 ? ignore : i % classes));

const CASES: { name: string; shape: number[]; classes: number; ignore: number; labels?: number[] }[] = [
  { name: 'an image, some pixels ignored', shape: [1, 5, 7], classes: 5, ignore: 255 },
  { name: 'a batch of three, 19 classes', shape: [3, 4, 3], classes: 19, ignore: 255 },
  { name: 'two classes', shape: [2, 3, 3], classes: 2, ignore: 255 },
  { name: 'one class', shape: [1, 2, 2], classes: 1, ignore: 255 },
  { name: 'a class to ignore among the classes', shape: [1, 4, 4], classes: 4, ignore: 0 },
  { name: 'one pixel', shape: [1, 1, 1], classes: 3, ignore: 255, labels: [2] },
  { name: 'one pixel that counts', shape: [1, 2, 2], classes: 3, ignore: 255, labels: [255, 255, 1, 255] },
  { name: 'no pixel that counts', shape: [1, 2, 2], classes: 3, ignore: 255, labels: [255, 255, 255, 255] },
];

onEngines('ops: softmax cross-entropy', () => {
  for (const { name, shape, classes, ignore, ...rest } of CASES) {
    it(`${name}: loss equals naive loops, its gradient central differences`, () => {
      const pixels = shape.reduce((product, size) => product * size, 1);
      const labels = rest.labels ?? labelsOf(pixels, classes, ignore, 4);
      const logits = sample(pixels * classes, classes).map((value) => Math.fround(4 * value));
      tf.tidy(() => {
        const ids = tf.tensor(labels, shape, 'int32');
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => softmaxCrossEntropy(x, ids, ignore))(
          tf.tensor(new Float32Array(logits), [...shape, classes]),
        );
        expect([value.shape, grad.shape]).to.deep.equal([[], [...shape, classes]]);
        expect(value.dataSync()[0]).to.be.closeTo(naive(logits, labels, classes, ignore), 1e-5);
        const expected = centralDifferences((x) => naive(x, labels, classes, ignore), logits);
        for (const [i, g] of grad.dataSync().entries()) expect(g, `gradient ${i}`).to.be.closeTo(expected[i]!, 1e-6);
      });
    });
  }

  it('with no pixel that counts the loss and its gradient are 0, not NaN', () => {
    tf.tidy(() => {
      const ids = tf.fill([1, 2, 2], 255, 'int32');
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => softmaxCrossEntropy(x, ids, 255))(
        tf.ones([1, 2, 2, 3]),
      );
      expect(value.dataSync()[0]).to.equal(0);
      expect([...grad.dataSync()].map(Math.abs)).to.deep.equal(Array(12).fill(0));
    });
  });

  it('logits of a size that single precision cannot exponentiate stay finite', () => {
    tf.tidy(() => {
      const ids = tf.tensor3d([0, 1], [1, 1, 2], 'int32');
      const logits = tf.tensor4d([1000, -1000, 1000, -1000], [1, 1, 2, 2]);
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => softmaxCrossEntropy(x, ids, 255))(logits);
      // Right by far, wrong by 2000: (0 + 2000) / 2.
      expect(value.dataSync()[0]).to.equal(1000);
      expectClose(grad.dataSync(), [0, 0, 0.5, -0.5], 1e-6);
    });
  });

  it('a weight in front of the loss reaches the gradient', () => {
    tf.tidy(() => {
      const ids = tf.tensor3d([0, 1], [1, 1, 2], 'int32');
      const logits = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
      const gradient = (factor: number): ArrayLike<number> =>
        tf
          .grad((x: tf.Tensor) => tf.mul(softmaxCrossEntropy(x, ids, 255), factor))(logits)
          .dataSync();
      expectClose(
        gradient(3),
        Array.from(gradient(1), (g) => 3 * g),
        1e-6,
      );
    });
  });
});

onTensorflow('ops: softmax cross-entropy, compiled', () => {
  it('takes large label maps whatever lies in memory while its graph is recorded', () => {
    tf.tidy(() => {
      const ids = tf.fill([1, 512, 512], 1, 'int32') as tf.Tensor3D;
      const logits = tf.zeros([1, 512, 512, 2]) as tf.Tensor4D;
      for (let round = 0; round < 10; round++) {
        // What no class id is, left where the recording finds its room.
        const left = Array.from({ length: 8 }, () => tf.add(tf.fill([512 * 512], 300), 1));
        tf.dispose(left);
        const loss = compile((x: tf.Tensor4D, y: tf.Tensor3D) => softmaxCrossEntropy(x, y, 255));
        expect(loss(logits, ids).dataSync()[0]).to.be.closeTo(Math.log(2), 1e-5);
        loss.dispose();
      }
    });
  });
});
