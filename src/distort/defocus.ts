import { mirror } from '../image/pad.js';
import { filterWithDisk } from './disk-filter.js';
import type { Distortion } from './distortion.js';
import { bySeverity } from './severity.js';
import { sum } from './whole-weights.js';

/** By severity: the disk's radius in pixels, and the deviation and side of the Gaussian that smooths its rim. */
const DISKS = [
  { radius: 3, smoothing: 0.1, side: 3 },
  { radius: 4, smoothing: 0.5, side: 3 },
  { radius: 6, smoothing: 0.5, side: 3 },
  { radius: 8, smoothing: 0.5, side: 3 },
  { radius: 10, smoothing: 0.5, side: 5 },
];

/** Blur of a lens out of focus: every point becomes a disk. @source ImageNet-C's `defocus_blur` */
export const defocus: Distortion<number> = {
  ...bySeverity('defocus'),
  apply: async (pixels, severity) => filterWithDisk(pixels, diskKernel(severity)),
};

/**
 * The weights of a disk, `[side, side]`, with a side of 17 up to severity 4 and 21 at 5. They add up to 1, but to 1.013 and 1.011 at 4
 * and 5, as the reference's do: there the disk touches the border of the square, and smoothing mirrors it.
 *
 * @param severity 1..5
 */
export function diskKernel(severity: number): Float64Array {
  const { radius, smoothing, side } = DISKS[severity - 1]!;
  const reach = Math.max(8, radius);
  const length = 2 * reach + 1;
  const disk = new Float64Array(length ** 2);
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      disk[(y + reach) * length + x + reach] = x ** 2 + y ** 2 <= radius ** 2 ? 1 : 0;
    }
  }
  const half = (side - 1) / 2;
  const gauss = Float64Array.from({ length: side }, (_, i) => Math.exp(-((i - half) ** 2) / (2 * smoothing ** 2)));
  const [area, total] = [sum(disk), sum(gauss)];
  const [even, bell] = [disk.map((weight) => weight / area), gauss.map((weight) => weight / total)];
  return smooth(smooth(even, length, bell, 1), length, bell, length);
}

/**
 * Smooths a square along one direction, mirrored outside as OpenCV does.
 *
 * @param stride from one value to the next: 1 along rows, `length` along columns
 */
function smooth(square: Float64Array, length: number, gauss: Float64Array, stride: number): Float64Array {
  const half = (gauss.length - 1) / 2;
  return square.map((_, at) => {
    const position = Math.floor(at / stride) % length;
    const shares = gauss.map((weight, i) => {
      return weight * square[at + (mirror(position + i - half, length) - position) * stride]!;
    });
    return sum(shares);
  });
}
