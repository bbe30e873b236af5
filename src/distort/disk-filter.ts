import { pad } from '../image/pad.js';
import type { Pixels } from '../image/pixels.js';
import { addTaps, inFours, type Tap, type Taps } from './taps.js';
import { ROUNDING, WEIGHT_BITS, wholeWeights } from './whole-weights.js';

/**
 * Filters each channel with a square kernel that is symmetric from top to bottom and mostly flat, as a disk is; outside the image it
 * is mirrored. The work grows with the kernel's rim: along a row, only where the weight changes is a running sum looked up.
 *
 * @param kernel `[side, side]`, the side odd, its weights adding up to about 1
 */
export function filterWithDisk(pixels: Pixels, kernel: ArrayLike<number>): Pixels {
  const { width, height, channels } = pixels;
  const side = Math.sqrt(kernel.length);
  const radius = (side - 1) / 2;
  const rims = rimsOf(wholeWeights(kernel, (kernel.length - 1) / 2), side, channels);
  const { sums, stride } = runningSums(pad(pixels, radius, 'mirror'));

  const row = width * channels;
  const result = new Uint8Array(row * height);
  const both = new Int32Array(stride);
  const filtered = new Int32Array(row);
  for (let y = 0; y < height; y++) {
    filtered.fill(ROUNDING);
    for (let away = 0; away <= radius; away++) {
      if (rims[away]!.length === 0) continue;
      const [above, below] = [(y + radius - away) * stride, (y + radius + away) * stride];
      if (away === 0) both.set(sums.subarray(above, above + stride));
      else for (let i = 0; i < stride; i++) both[i] = sums[above + i]! + sums[below + i]!;
      addTaps(filtered, both, 0, rims[away]!);
    }
    for (let i = 0; i < row; i++) result[y * row + i] = Math.min(255, filtered[i]! >> WEIGHT_BITS);
  }
  return { data: result, width, height, channels };
}

/** Per distance from the middle row: where along the row the weight changes, and by how much, for sums of all that is before a column. */
function rimsOf(weights: Int32Array, side: number, channels: number): Taps[] {
  const middle = (side - 1) / 2;
  return Array.from({ length: middle + 1 }, (_, away) => {
    const row = weights.subarray((middle + away) * side, (middle + away + 1) * side);
    const rim: Tap[] = [];
    for (let column = 0; column <= side; column++) {
      const weight = (row[column - 1] ?? 0) - (row[column] ?? 0);
      if (weight !== 0) rim.push({ at: column * channels, weight });
    }
    return inFours(rim);
  });
}

/** Per row and channel the sum of all values before a column: `[height, width + 1, channels]`, with the length of a row. */
function runningSums({ data, width, height, channels }: Pixels): { sums: Int32Array; stride: number } {
  const stride = (width + 1) * channels;
  const sums = new Int32Array(stride * height);
  for (let y = 0; y < height; y++) {
    const from = y * width * channels;
    const to = y * stride + channels;
    for (let i = 0; i < width * channels; i++) sums[to + i] = sums[to + i - channels]! + data[from + i]!;
  }
  return { sums, stride };
}
