import { pad } from '../image/pad.js';
import type { Pixels } from '../image/pixels.js';
import { openLanes } from './lanes.js';
import { openSimd } from './simd.js';
import type { Tap } from './taps.js';
import { ROUNDING, WEIGHT_BITS, wholeWeights } from './whole-weights.js';

/**
 * Filters each channel with a square kernel that is symmetric from top to bottom and mostly flat, as a disk is; outside the image it
 * is mirrored. The work grows with the kernel's rim: along a row, only where the weight changes is a running sum looked up. Sums are exact,
 * so that all ways to compute them give the same bytes.
 *
 * @param kernel `[side, side]`, the side odd, its weights adding up to about 1
 * @param simd what computes; null for plain JavaScript
 */
export function filterWithDisk(pixels: Pixels, kernel: ArrayLike<number>, simd = openSimd()): Pixels {
  const { width, height, channels } = pixels;
  const side = Math.sqrt(kernel.length);
  const radius = (side - 1) / 2;
  const rims = rimsOf(wholeWeights(kernel, (kernel.length - 1) / 2), side, channels);
  const padded = pad(pixels, radius, 'mirror');

  const row = width * channels;
  const result = new Uint8Array(row * height);
  // The running sums of as many rows as the kernel has, each in the place of the one that is needed no more.
  const { arrays, adders, addRows } = openLanes(side + 2, row, rims, simd);
  const [filtered, both, ...sums] = arrays as [Int32Array, Int32Array, ...Int32Array[]];
  for (let y = 0; y < 2 * radius; y++) sumAlong(padded, y, sums[y]!);
  for (let y = 0; y < height; y++) {
    sumAlong(padded, y + 2 * radius, sums[(y + 2 * radius) % side]!);
    filtered.fill(ROUNDING);
    for (let away = 0; away <= radius; away++) {
      if (rims[away]!.length === 0) continue;
      const [above, below] = [sums[(y + radius - away) % side]!, sums[(y + radius + away) % side]!];
      if (away > 0) addRows(both, above, below);
      adders[away]!(filtered, away > 0 ? both : above);
    }
    for (let i = 0; i < row; i++) result[y * row + i] = Math.min(255, filtered[i]! >> WEIGHT_BITS);
  }
  return { data: result, width, height, channels };
}

/** Per distance from the middle row: where along the row the weight changes, and by how much, for sums of all that is before a column. */
function rimsOf(weights: Int32Array, side: number, channels: number): Tap[][] {
  const middle = (side - 1) / 2;
  return Array.from({ length: middle + 1 }, (_, away) => {
    const row = weights.subarray((middle + away) * side, (middle + away + 1) * side);
    const rim: Tap[] = [];
    for (let column = 0; column <= side; column++) {
      const weight = (row[column - 1] ?? 0) - (row[column] ?? 0);
      if (weight !== 0) rim.push({ at: column * channels, weight });
    }
    return rim;
  });
}

/** Per column and channel of a row the sum of all values before it, and of all: `[width + 1, channels]`, the first of which stay 0. */
function sumAlong({ data, width, channels }: Pixels, y: number, sums: Int32Array): void {
  const [from, length] = [y * width * channels, width * channels];
  for (let i = 0; i < length; i++) sums[channels + i] = sums[i]! + data[from + i]!;
}
