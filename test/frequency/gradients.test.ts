import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { Random } from '../../src/common/random.js';
import { FILL } from '../../src/eval/predictor.js';
import { gradientMeter, type MeasuredImage } from '../../src/frequency/gradients.js';
import type { Network } from '../../src/models/network.js';
import { createNetwork } from '../../src/models/registry.js';
import type { Collated } from '../../src/tasks/arrays.js';
import { classificationTask } from '../../src/tasks/classification/task.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import type { Task } from '../../src/tasks/task.js';
import { tensorsOf } from '../../src/tasks/tensors.js';
import { sumOf } from '../../src/train/loss.js';
import { parseObjective } from '../../src/train/objectives/registry.js';
import { stateDict } from '../../src/models/state-dict.js';
import { onEngines } from '../support/engines.js';
import { tinyNetwork } from '../train/support/tiny.js';
import { coefficientOf, withCoefficient } from './support/reference.js';

const SIZE = [6, 9] as const;
const [HEIGHT, WIDTH] = SIZE;
const IGNORE = 255;

function sampleImage(): { images: Uint8Array; labels: Uint8Array } {
  const random = Random.of(3, 'frequency');
  const images = Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, () => random.integer(256));
  const labels = Uint8Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i % 7 === 0 ? IGNORE : random.integer(11)));
  return { images, labels };
}

/** As a batch of one. */
function measured({ images, labels }: { images: Uint8Array; labels: Uint8Array }): MeasuredImage {
  const shape = [1, HEIGHT, WIDTH];
  return { ids: ['sample'], images, targets: { labels: { dtype: 'int32', shape, data: labels } } };
}

/** A network whose running statistics are not those of the image. */
function network(stride: number): Network {
  const tiny = tinyNetwork();
  const made = { ...tiny, input: { ...tiny.input, stride } };
  const given: Record<string, number[]> = {
    'norm.running_mean': [0.3, -0.4, 0.5, 0.1],
    'norm.running_var': [0.7, 1.3, 0.9, 1.6],
  };
  for (const { name, variable } of made.parameters) {
    if (given[name]) tf.tidy(() => void variable.assign(tf.tensor1d(given[name]!)));
  }
  return made;
}

/** Frames padded by hand to a multiple of the stride, as `[height, width, 3]` and `[height, width]`. */
function padded(image: ArrayLike<number>, labels: Uint8Array, stride: number): [tf.Tensor4D, tf.Tensor3D] {
  const [tall, wide] = SIZE.map((size) => Math.ceil(size / stride) * stride) as [number, number];
  const pixels: number[] = [];
  const ids: number[] = [];
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) {
      const at = y < HEIGHT && x < WIDTH ? y * WIDTH + x : undefined;
      pixels.push(...[0, 1, 2].map((c) => (at === undefined ? FILL[c]! : image[3 * at + c]!)));
      ids.push(at === undefined ? IGNORE : labels[at]!);
    }
  }
  return [tf.tensor4d(pixels, [1, tall, wide, 3]), tf.tensor3d(ids, [1, tall, wide], 'int32')];
}

onEngines('frequency: gradient of the loss by DCT coefficients', () => {
  for (const stride of [1, 4]) {
    it(`equals finite differences of single coefficients, at a stride of ${stride}`, () => {
      const made = network(stride);
      const task = segmentationTask(IGNORE);
      const image = sampleImage();
      const meter = gradientMeter(made, { task }, SIZE);
      const { loss, gradient } = meter.measure(measured(image));
      meter.dispose();
      const lossOf = (pixels: ArrayLike<number>): number =>
        tf.tidy(() => {
          const [images, labels] = padded(pixels, image.labels, stride);
          return task.losses(made.forward(images), { labels }).crossEntropy!.dataSync()[0]!;
        });
      expect(loss).to.be.closeTo(lossOf(image.images), 1e-5);
      const largest = Math.max(...gradient.map(Math.abs));
      const places = [[0, 0], [0, 1], [1, 0], [2, 5], [5, 8], [3, 8], [5, 2]] as const; // prettier-ignore
      for (const [v, u] of places) {
        for (const channel of [0, 1, 2]) {
          const moved = (by: number): number => lossOf(withCoefficient(image.images, SIZE, channel, [v, u], by));
          const difference = moved(0.5) - moved(-0.5);
          const found = gradient[(v * 3 + channel) * WIDTH + u]!;
          expect(found, `row ${v}, column ${u}, channel ${channel}`).to.be.closeTo(difference, 0.01 * largest);
        }
      }
      made.dispose();
    });
  }

  it('of a filter with a known frequency response is that response twice applied', () => {
    // y(n) = 0.25 x(n-1) + 0.5 x(n) + 0.25 x(n+1), mirrored at the edges, multiplies coefficient k of N by 0.5 + 0.5 cos(pi k / N).
    // With the loss |y|^2 / 2 the gradient is the coefficient times the squared product of both directions' factors.
    const along = (x: tf.Tensor, axis: number): tf.Tensor => {
      const size = x.shape[axis]!;
      const [first, ...middle] = tf.split(x, Array<number>(size).fill(1), axis);
      const before = tf.concat([first!, first!, ...middle.slice(0, -1)], axis);
      const after = tf.concat([...middle, middle.at(-1)!], axis);
      return tf.add(tf.mul(x, 0.5), tf.mul(tf.add(before, after), 0.25));
    };
    const loss = (images: tf.Tensor): tf.Scalar => tf.div(tf.sum(tf.square(along(along(images, 1), 2))), 2);
    const task: Task = { ...segmentationTask(IGNORE), losses: ({ images }) => ({ loss: loss(images!) }) };
    const made: Network = { ...tinyNetwork(), forward: (images) => ({ images }) };
    const image = sampleImage();
    const meter = gradientMeter(made, { task }, SIZE);
    const { gradient } = meter.measure(measured(image));
    meter.dispose();
    made.dispose();
    const factor = (k: number, size: number): number => 0.5 + 0.5 * Math.cos((Math.PI * k) / size);
    for (let v = 0; v < HEIGHT; v++) {
      for (let u = 0; u < WIDTH; u++) {
        for (const channel of [0, 1, 2]) {
          const response = (factor(v, HEIGHT) * factor(u, WIDTH)) ** 2;
          const expected = response * coefficientOf(image.images, SIZE, channel, [v, u]);
          const found = gradient[(v * 3 + channel) * WIDTH + u]!;
          expect(found, `row ${v}, column ${u}`).to.be.closeTo(expected, 1e-3 + 1e-4 * Math.abs(expected));
        }
      }
    }
  });

  for (const name of ['labels', 'teacher', 'labels+teacher:0.5']) {
    it(`of a network that classifies, by ${name}, equals finite differences`, () => {
      const spec = { name: 'resnet-18', classes: 5, width: 0.125 };
      const made = createNetwork(spec, { seed: 1 });
      const setting = { task: classificationTask(), makeTeacher: () => createNetwork(spec, { seed: 2 }) };
      const objective = parseObjective(name);
      const { images } = sampleImage();
      const clean = images.map((value) => 255 - value);
      const targets: Collated = { labels: { dtype: 'int32', shape: [1], data: Int32Array.of(3) } };
      const meter = gradientMeter(made, { ...setting, objective }, SIZE);
      const { loss, gradient } = meter.measure({ ids: ['sample'], images, clean, targets });
      meter.dispose();
      const opened = objective.open(setting);
      const lossOf = (pixels: ArrayLike<number>): number =>
        tf.tidy(() => {
          const [distorted, before] = [pixels, clean].map((data) =>
            tf.tensor4d([...Array.from(data)], [1, HEIGHT, WIDTH, 3]),
          );
          const views = { distorted: distorted!, clean: before! };
          return sumOf(opened.losses((seen) => made.forward(seen), views, tensorsOf(targets))).dataSync()[0]!;
        });
      expect(loss).to.be.closeTo(lossOf(images), 1e-5);
      const largest = Math.max(...gradient.map(Math.abs));
      expect(largest).to.be.above(0);
      const places = [[0, 0], [0, 1], [2, 5], [5, 8]] as const; // prettier-ignore
      for (const [v, u] of places) {
        const moved = (by: number): number => lossOf(withCoefficient(images, SIZE, 1, [v, u], by));
        const found = gradient[(v * 3 + 1) * WIDTH + u]!;
        expect(found, `row ${v}, column ${u}`).to.be.closeTo(moved(0.5) - moved(-0.5), 0.02 * largest);
      }
      opened.dispose();
      made.dispose();
    });
  }

  it('refuses an objective that looks at noise', () => {
    const made = network(1);
    const setting = { task: segmentationTask(IGNORE), objective: parseObjective('stability:1:0.1') };
    expect(() => gradientMeter(made, setting, SIZE))
      .to.throw('noise')
      .with.property('code', 'E_USAGE');
    made.dispose();
  });

  it('leaves the network as it was', () => {
    const made = network(1);
    const before = stateDict(made);
    const meter = gradientMeter(made, { task: segmentationTask(IGNORE) }, SIZE);
    meter.measure(measured(sampleImage()));
    meter.measure(measured(sampleImage()));
    meter.dispose();
    expect(stateDict(made)).to.deep.equal(before);
    made.dispose();
  });
});
