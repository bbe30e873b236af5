import { pad } from '../image/pad.js';
import type { Pixels } from '../image/pixels.js';
import { ROUNDING, WEIGHT_BITS, wholeWeights } from './whole-weights.js';

/**
 * Filters each channel with a square kernel that is symmetric in both directions and mostly flat, as a disk is; outside the image it
 * is mirrored. The work grows with the kernel's rim: along a row, only where the weight changes is a running sum looked up.
 *
 * @param kernel `[side, side]`, the side odd, its weights adding up to about 1
 */
export function filterWithDisk(pixels: Pixels, kernel: ArrayLike<number>): Pixels {
  const { width, height, channels } = pixels;
  const side = Math.sqrt(kernel.length);
  const radius = (side - 1) / 2;
  const rims = rimsOf(wholeWeights(kernel, (kernel.length - 1) / 2), side);
  const { sums, stride } = runningSums(pad(pixels, radius, 'mirror'));

  const row = width * channels;
  const result = new Uint8Array(row * height);
  const both = new Int32Array(stride);
  const filtered = new Int32Array(row);
  for (let y = 0; y < height; y++) {
    filtered.fill(ROUNDING);
    for (let away = 0; away <= radius; away++) {
      const [above, below] = [(y + radius - away) * stride, (y + radius + away) * stride];
      if (away === 0) both.set(sums.subarray(above, above + stride));
      else for (let i = 0; i < stride; i++) both[i] = sums[above + i]! + sums[below + i]!;
      for (const { from, change } of rims[away]!) {
        const [left, right] = [from * channels, (side - from) * channels];
        // Between the taps a sum may leave 32 bits; it wraps around and comes back.
        for (let i = 0; i < row; i++) {
          filtered[i] = (filtered[i]! + Math.imul(change, both[right + i]! - both[left + i]!)) | 0;
        }
      }
    }
    for (let i = 0; i < row; i++) result[y * row + i] = Math.min(255, filtered[i]! >> WEIGHT_BITS);
  }
  return { data: result, width, height, channels };
}

/** Per distance from the middle row: the columns up to the middle at which the weight changes, and by how much. */
function rimsOf(weights: Int32Array, side: number): { from: number; change: number }[][] {
  const middle = (side - 1) / 2;
  return Array.from({ length: middle + 1 }, (_, away) => {
    const rim = [];
    for (let from = 0; from <= middle; from++) {
      const at = (middle + away) * side + from;
      const change = weights[at]! - (from === 0 ? 0 : weights[at - 1]!);
      if (change !== 0) rim.push({ from, change });
    }
    return rim;
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
