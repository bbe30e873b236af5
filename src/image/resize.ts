import type { LabelMap, Pixels } from './pixels.js';

/** Fixed-point bits of a weight, as in Pillow: 32 less 8 for the value, less 2 for the sum. */
const WEIGHT_BITS = 22;

export interface Size {
  width: number;
  height: number;
}

/** A rectangle of the resized image. */
export interface Window extends Size {
  x: number;
  y: number;
}

/**
 * Resizes an image bilinearly, with antialiasing where it shrinks; bit for bit what Pillow's
 * `image.resize((width, height), Image.BILINEAR)` gives.
 *
 * @param window compute only this part of the result, for a fraction of the time
 * @returns `[window.height, window.width, channels]`
 * @source Pillow's Resample.c
 */
export function resizePixels(pixels: Pixels, size: Size, window: Window = { x: 0, y: 0, ...size }): Pixels {
  const { channels } = pixels;
  if (size.width === pixels.width && size.height === pixels.height) return cut(pixels, window);
  const columns = tapsOf(pixels.width, size.width, window.x, window.width);
  const rows = tapsOf(pixels.height, size.height, window.y, window.height);
  const top = rows.first[0]!;
  const bottom = rows.first[window.height - 1]! + rows.count[window.height - 1]!;
  const narrow = new Uint8Array((bottom - top) * window.width * channels);
  for (let y = top; y < bottom; y++) {
    const from = y * pixels.width * channels;
    resampleRow(pixels.data, from, channels, columns, narrow, (y - top) * window.width * channels);
  }
  const data = new Uint8Array(window.height * window.width * channels);
  resampleColumns(narrow, window.width * channels, top, rows, data);
  return { data, width: window.width, height: window.height, channels };
}

/**
 * How {@link resizePixels} weighs the positions of one axis: of each output position from `from` on those of all input positions.
 *
 * @returns `[length, inSize]`, row-major; rows sum to 1
 */
export function resizeWeights(inSize: number, outSize: number, from: number, length: number): Float32Array {
  const { first, count, weights, most } = tapsOf(inSize, outSize, from, length);
  const matrix = new Float32Array(length * inSize);
  for (let i = 0; i < length; i++) {
    for (let j = 0; j < count[i]!; j++) {
      matrix[i * inSize + first[i]! + j] = weights[i * most + j]! / (1 << WEIGHT_BITS);
    }
  }
  return matrix;
}

/**
 * Resizes a label map by nearest neighbour: each pixel takes the id under its centre.
 *
 * @param window compute only this part of the result
 */
export function resizeLabels(label: LabelMap, size: Size, window: Window = { x: 0, y: 0, ...size }): LabelMap {
  const data = new Uint8Array(window.height * window.width);
  const columns = Int32Array.from({ length: window.width }, (_, x) =>
    Math.floor(((window.x + x + 0.5) * label.width) / size.width),
  );
  for (let y = 0, o = 0; y < window.height; y++) {
    const row = Math.floor(((window.y + y + 0.5) * label.height) / size.height) * label.width;
    for (let x = 0; x < window.width; x++) data[o++] = label.data[row + columns[x]!]!;
  }
  return { data, width: window.width, height: window.height };
}

/** A part of an image as it is. */
function cut({ data, width, channels }: Pixels, window: Window): Pixels {
  const part = new Uint8Array(window.height * window.width * channels);
  const row = window.width * channels;
  for (let y = 0; y < window.height; y++) {
    const from = ((window.y + y) * width + window.x) * channels;
    part.set(data.subarray(from, from + row), y * row);
  }
  return { data: part, width: window.width, height: window.height, channels };
}

/** For each output position of one axis, the input positions that it is a weighted mean of. */
interface Taps {
  first: Int32Array;
  count: Int32Array;
  /** `[length, most]` in fixed point. */
  weights: Int32Array;
  most: number;
}

function tapsOf(inSize: number, outSize: number, from: number, length: number): Taps {
  const scale = inSize / outSize;
  const support = Math.max(scale, 1);
  const most = Math.ceil(support) * 2 + 1;
  const taps = {
    first: new Int32Array(length),
    count: new Int32Array(length),
    weights: new Int32Array(length * most),
    most,
  };
  for (let i = 0; i < length; i++) {
    const center = (from + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(inSize, Math.trunc(center + support + 0.5)) - first;
    const triangle = Array.from({ length: count }, (_, j) =>
      Math.max(0, 1 - Math.abs((j + first - center + 0.5) * (1 / support))),
    );
    const sum = triangle.reduce((total, weight) => total + weight, 0);
    triangle.forEach((weight, j) => {
      taps.weights[i * most + j] = Math.trunc(0.5 + (weight / sum) * (1 << WEIGHT_BITS));
    });
    taps.first[i] = first;
    taps.count[i] = count;
  }
  return taps;
}

function resampleRow(data: Uint8Array, from: number, channels: number, taps: Taps, out: Uint8Array, to: number): void {
  const { first, count, weights, most } = taps;
  const half = 1 << (WEIGHT_BITS - 1);
  for (let x = 0; x < first.length; x++) {
    const start = from + first[x]! * channels;
    const end = x * most + count[x]!;
    for (let c = 0; c < channels; c++) {
      let sum = half;
      for (let k = x * most, at = start + c; k < end; k++, at += channels) sum += Math.imul(data[at]!, weights[k]!);
      out[to++] = sum >> WEIGHT_BITS;
    }
  }
}

function resampleColumns(data: Uint8Array, stride: number, top: number, taps: Taps, out: Uint8Array): void {
  const { first, count, weights, most } = taps;
  // Row by row, so that memory is read in order.
  const sums = new Int32Array(stride);
  for (let y = 0, to = 0; y < first.length; y++, to += stride) {
    sums.fill(1 << (WEIGHT_BITS - 1));
    for (let j = 0; j < count[y]!; j++) {
      const weight = weights[y * most + j]!;
      const from = (first[y]! - top + j) * stride;
      for (let x = 0; x < stride; x++) sums[x]! += Math.imul(data[from + x]!, weight);
    }
    for (let x = 0; x < stride; x++) out[to + x] = sums[x]! >> WEIGHT_BITS;
  }
}
