import { readFileSync } from 'node:fs';
import { decodeImage } from '../../../src/image/decode.js';
import type { Pixels } from '../../../src/image/pixels.js';

const FOLDER = new URL('../../fixtures/distort/', import.meta.url);

/** An image of test/fixtures/distort. Those in `corruptions/` are by scripts/fixtures/corruptions.py with imagecorruptions 1.1.2. */
export function fixtureImage(name: string): Promise<Pixels> {
  return decodeImage(readFileSync(new URL(name, FOLDER)), name);
}

export function fixtureJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as T;
}

/** The greatest difference of two images in one value, and the part of all values that differ. */
export function difference(a: Pixels, b: Pixels): { greatest: number; share: number } {
  if (a.data.length !== b.data.length) throw new Error(`${a.data.length} and ${b.data.length} values`);
  const apart = Array.from(a.data, (value, i) => Math.abs(value - b.data[i]!));
  return { greatest: Math.max(...apart), share: apart.filter((one) => one > 0).length / apart.length };
}

/**
 * What the fixtures' script takes of an image: mean and deviation per channel, mean squared difference across and down, and the power
 * of the gray middle of 64x64 in octaves from 1 to 32 cycles.
 */
export function statistics({ data, width, height }: Pixels): number[] {
  const row = 3 * width;
  const [sums, squares] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  let [across, down] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    sums[i % 3]! += value;
    squares[i % 3]! += value ** 2;
    if (i % row >= 3) across += (value - data[i - 3]!) ** 2;
    if (i >= row) down += (value - data[i - row]!) ** 2;
  }
  const pixels = width * height;
  const means = sums.map((sum) => sum / pixels);
  const deviations = squares.map((square, c) => Math.sqrt(square / pixels - means[c]! ** 2));
  const [left, top] = [Math.floor((width - SIDE) / 2), Math.floor((height - SIDE) / 2)];
  const middle = Float64Array.from({ length: SIDE ** 2 }, (_, i) => {
    const at = (top + Math.floor(i / SIDE)) * row + 3 * (left + (i % SIDE));
    return (data[at]! + data[at + 1]! + data[at + 2]!) / 3;
  });
  const differences = [across / (3 * (width - 1) * height), down / (3 * width * (height - 1))];
  return [...means, ...deviations, ...differences, ...octaves(middle)];
}

export const STATISTICS = [
  ...['red', 'green', 'blue'].flatMap((channel) => `mean ${channel}`),
  ...['red', 'green', 'blue'].flatMap((channel) => `deviation ${channel}`),
  ...['difference across', 'difference down'],
  ...['1-2', '2-4', '4-8', '8-16', '16-32'].map((cycles) => `power at ${cycles} cycles`),
];

const SIDE = 64;
const COSINES = Float64Array.from({ length: SIDE }, (_, i) => Math.cos((2 * Math.PI * i) / SIDE));

/** The power of a square of 64x64 between 1 and 2, 2 and 4, ... cycles, by a plain Fourier transform. */
function octaves(square: Float64Array): number[] {
  const [real, imaginary] = transformRows(...transformRows(square, new Float64Array(SIDE ** 2)));
  const bands = [0, 0, 0, 0, 0];
  for (let i = 0; i < SIDE ** 2; i++) {
    const [u, v] = [Math.floor(i / SIDE), i % SIDE].map((f) => Math.min(f, SIDE - f)) as [number, number];
    const band = Math.floor(Math.log2(Math.hypot(u, v)));
    if (band in bands) bands[band]! += (real[i]! ** 2 + imaginary[i]! ** 2) / SIDE ** 4;
  }
  return bands;
}

/** Each row's Fourier transform, as a column. */
function transformRows(real: Float64Array, imaginary: Float64Array): [Float64Array, Float64Array] {
  const [re, im] = [new Float64Array(SIDE ** 2), new Float64Array(SIDE ** 2)];
  for (let f = 0; f < SIDE; f++) {
    for (let y = 0; y < SIDE; y++) {
      let [sumRe, sumIm] = [0, 0];
      for (let x = 0; x < SIDE; x++) {
        const cos = COSINES[(f * x) % SIDE]!;
        const sin = COSINES[(f * x + (3 * SIDE) / 4) % SIDE]!;
        const a = real[y * SIDE + x]!;
        const b = imaginary[y * SIDE + x]!;
        sumRe += a * cos + b * sin;
        sumIm += b * cos - a * sin;
      }
      re[f * SIDE + y] = sumRe;
      im[f * SIDE + y] = sumIm;
    }
  }
  return [re, im];
}
