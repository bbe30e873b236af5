import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { HEAD_NAMES } from '../../src/detect/heads/names.js';
import { imageOf, type Collated } from '../../src/tasks/arrays.js';
import { taskOf } from '../../src/tasks/registry.js';
import { centralDifferences, sample } from '../ops/support/differences.js';
import { expectClose, onEngines } from '../support/engines.js';

type Listing = Exclude<(typeof HEAD_NAMES)[number], 'db'>;

/** Two pictures of three boxes and two classes each, as each kind of head has them. */
const SHAPES: Record<Listing, [number, number, number]> = { yolov8: [2, 6, 3], yolox: [2, 21, 7] };
const SIZE = { height: 32, width: 32 };

/** The number in column `k` of place `n` of a picture. */
function reader(kind: Listing, data: Float64Array): (image: number, n: number, k: number) => number {
  const [, rows, columns] = SHAPES[kind];
  return (image, n, k) => data[image * rows * columns + (kind === 'yolov8' ? k * columns + n : n * columns + k)]!;
}

/** Boxes of 4 to 12 pixels and probabilities between 0.1 and 0.9. */
function outputOf(kind: Listing, seed: number): Float64Array {
  const [, rows, columns] = SHAPES[kind];
  const isBox = (i: number): boolean => (kind === 'yolov8' ? Math.floor(i / columns) % rows : i % columns) < 4;
  const [middle, half] = kind === 'yolov8' ? [8, 4] : [0.5, 0.5];
  return sample(2 * rows * columns, seed).map((value, i) =>
    Math.fround(isBox(i) ? middle + half * value : 0.5 + 0.4 * value),
  );
}

/** The distance as its description says it, in double precision. */
function distanceOf(kind: Listing, right: Float64Array, own: Float64Array): number {
  const [, rows, columns] = SHAPES[kind];
  const [places, numbers] = kind === 'yolov8' ? [columns, rows] : [rows, columns];
  const [a, b] = [reader(kind, right), reader(kind, own)];
  let [sum, sure] = [0, 0];
  for (let image = 0; image < 2; image++)
    for (let n = 0; n < places; n++) {
      const classes = kind === 'yolov8' ? [4, 5] : [5, 6];
      const score = Math.max(...classes.map((k) => a(image, n, k))) * (kind === 'yolox' ? a(image, n, 4) : 1);
      sure += score;
      for (let k = 4; k < numbers; k++) {
        const [p, q] = [a(image, n, k), b(image, n, k)];
        sum += p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
      }
      for (let k = 0; k < 4; k++) {
        const side = kind === 'yolov8' ? a(image, n, 2 + (k % 2)) : 1;
        sum += score * ((b(image, n, k) - a(image, n, k)) / side) ** 2;
      }
    }
  return sum / Math.max(1, sure);
}

for (const kind of HEAD_NAMES.filter((name) => name !== 'db')) {
  const head = { kind, output: 'y', score: 0.3, overlap: 0.45 };
  const task = taskOf({ task: 'features', ignore: 255, onnx: { head, input: { size: SIZE } } });
  const answers = (data: Float64Array): Collated => ({
    y: { dtype: 'float32', shape: SHAPES[kind], data: Float32Array.from(data) },
  });

  onEngines(`tasks: ${kind} as a task`, () => {
    it('has a distance and gradients as finite differences have them, 0 of the same answers', () => {
      const [right, own] = [outputOf(kind, 3), outputOf(kind, 4)];
      const [value, gradient, same] = tf.tidy(() => {
        const y = tf.tensor(Float32Array.from(right), SHAPES[kind]);
        const distance = (output: tf.Tensor): tf.Scalar => task.distance({ y }, { y: output });
        const made = tf.valueAndGrad(distance)(tf.tensor(Float32Array.from(own), SHAPES[kind]));
        return [made.value.dataSync()[0]!, made.grad.dataSync(), distance(y).dataSync()[0]!];
      });
      expect(value).to.be.closeTo(distanceOf(kind, right, own), 1e-5);
      expectClose(gradient, centralDifferences((at) => distanceOf(kind, right, at), own), 1e-4); // prettier-ignore
      expect(same).to.be.closeTo(0, 1e-6);
    });
  });

  describe(`tasks: ${kind} as a task`, () => {
    const [right, own] = [outputOf(kind, 3), outputOf(kind, 4)];
    const metric = task.metric(2);

    it('compares answers by their boxes: all are common to the same answer, some to another', () => {
      const sum = metric.none();
      for (const i of [0, 1])
        metric.merge(sum, metric.count(imageOf(answers(right), i), imageOf(answers(right), i), 'a'));
      expect(metric.primary).to.equal('f1');
      expect(metric.scores(sum)).to.deep.equal({ f1: 1, agreement: 1 });
      const other = metric.count(imageOf(answers(right), 0), imageOf(answers(own), 0), 'a');
      expect(metric.scores(other)['f1']).to.be.within(0, 0.99);
    });

    it('keeps its counts as text, and counts nothing where nothing is known', () => {
      const unknown = metric.count(task.collate([task.unknown(SIZE)], ['u']), imageOf(answers(own), 0), 'u');
      expect(Number.isNaN(metric.scores(unknown)['f1'])).to.equal(true);
      const counts = [metric.count(imageOf(answers(right), 0), imageOf(answers(own), 0), 'a'), unknown];
      expect(metric.unpack(metric.pack(counts), 2)).to.deep.equal(counts);
      expect(() => metric.unpack(metric.pack(counts), 3))
        .to.throw()
        .with.property('code', 'E_EVAL_COUNTS');
    });
  });
}
