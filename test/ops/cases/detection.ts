import * as tf from '@tensorflow/tfjs';
import { binaryCrossEntropy, roiAlign, smoothL1 } from '../../../src/ops/index.js';
import { at, make, type NdArray } from '../support/nd-array.js';
import type { OpCase } from '../support/op-case.js';

/** The value at a point of a level, as torchvision's bilinear_interpolate reads it. */
function bilinear(level: NdArray, image: number, [y, x]: [number, number], channel: number): number {
  const [, height, width] = level.shape as [number, number, number];
  if (y < -1 || y > height || x < -1 || x > width) return 0;
  const place = (point: number, size: number): [number, number, number] => {
    const inside = Math.min(size - 1, Math.max(0, point));
    const low = Math.floor(inside);
    return [low, Math.min(size - 1, low + 1), inside - low];
  };
  const [y0, y1, down] = place(y, height);
  const [x0, x1, right] = place(x, width);
  const value = (row: number, column: number): number => at(level, [image, row, column, channel]);
  return (
    (1 - down) * ((1 - right) * value(y0, x0) + right * value(y0, x1)) +
    down * ((1 - right) * value(y1, x0) + right * value(y1, x1))
  );
}

/** Every bin of every region, point by point. */
function aligned(pyramid: NdArray[], regions: Region[], size: number, scales: number[]): NdArray {
  return make([regions.length, size, size, pyramid[0]!.shape[3]!], ([n, row, column, channel]) => {
    const { box, image, level } = regions[n!]!;
    const [x1, y1, x2, y2] = box.map((value) => value * scales[level]!) as [number, number, number, number];
    const bin = [Math.max(1, y2 - y1) / size, Math.max(1, x2 - x1) / size] as const;
    let sum = 0;
    for (const iy of [0.25, 0.75])
      for (const ix of [0.25, 0.75]) {
        const point: [number, number] = [y1 + (row! + iy) * bin[0], x1 + (column! + ix) * bin[1]];
        sum += bilinear(pyramid[level]!, image, point, channel!) / 4;
      }
    return sum;
  });
}

interface Region {
  box: [number, number, number, number];
  image: number;
  level: number;
}

function roiCase(name: string, shapes: number[][], regions: Region[], size: number, scales: number[]): OpCase {
  return {
    name: `roiAlign, ${name}`,
    shapes,
    run: (...pyramid) => {
      const boxes = tf.tensor2d(regions.map(({ box }) => box));
      const images = tf.tensor1d(regions.map(({ image }) => image), 'int32'); // prettier-ignore
      const levels = tf.tensor1d(regions.map(({ level }) => level), 'int32'); // prettier-ignore
      return roiAlign(pyramid as tf.Tensor4D[], { boxes, images, levels }, { size, scales });
    },
    reference: (...pyramid) => aligned(pyramid, regions, size, scales),
  };
}

const region = (box: Region['box'], level = 0, image = 0): Region => ({ box, image, level });

// prettier-ignore
const INSIDE = [
  region([1, 2, 11, 9]), region([3.3, 0.7, 20.1, 18.9]), region([0, 0, 24, 20]),
  region([5, 5, 5, 5]), region([23.5, 19.5, 24, 20]), region([0, 10, 24, 10.5]),
];
const OUTSIDE = [region([-9, -7, 6, 8]), region([20, 15, 40, 31]), region([-50, 3, -30, 9]), region([26, 1, 33, 8])];
const both = (a: Region[], level: number, image: number): Region[] => a.map((each) => ({ ...each, level, image }));

const terms = (name: string, run: OpCase['run'], reference: (a: number, b: number) => number): OpCase => ({
  name,
  shapes: [
    [3, 7],
    [3, 7],
  ],
  run,
  reference: (a, b) => make([3, 7], (index) => reference(at(a!, index), at(b!, index))),
});

export const DETECTION_CASES: OpCase[] = [
  roiCase('regions inside, of no size and in corners', [[1, 10, 12, 3]], INSIDE, 3, [0.5]),
  roiCase('regions that reach out of the picture', [[1, 10, 12, 3]], OUTSIDE, 2, [0.5]),
  roiCase('two images', [[2, 10, 12, 2]], [...INSIDE, ...both(INSIDE, 0, 1)], 2, [0.5]),
  roiCase(
    'three levels of two images',
    [
      [2, 10, 12, 2],
      [2, 5, 6, 2],
      [2, 3, 3, 2],
    ],
    [...both(INSIDE, 1, 1), ...both(OUTSIDE, 0, 1), ...both(OUTSIDE, 2, 0), ...both(INSIDE, 2, 1)],
    2,
    [0.5, 0.25, 0.125],
  ),
  terms('smoothL1', (a, b) => smoothL1(a!, b!, 0.5), (a, b) => {
    const distance = Math.abs(a - b);
    return distance < 0.5 ? distance ** 2 : distance - 0.25;
  }), // prettier-ignore
  terms(
    'binaryCrossEntropy',
    (a, b) => binaryCrossEntropy(tf.mul(a!, 9), b!),
    (a, b) => Math.log(1 + Math.exp(9 * a)) - 9 * a * b,
  ),
];
