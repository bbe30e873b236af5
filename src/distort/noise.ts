import type { Random } from '../common/random.js';
import type { Pixels } from '../image/pixels.js';
import { contentRandom } from './content-random.js';
import type { Distortion } from './distortion.js';
import { bySeverity } from './severity.js';

/** Standard deviation by severity, as a part of 255. */
const DEVIATIONS = [0.08, 0.12, 0.18, 0.26, 0.38];

/** Gaussian noise on every value of every channel, each drawn by itself. @source ImageNet-C's `gaussian_noise` */
export const noise: Distortion<number> = {
  ...bySeverity('noise'),
  apply: async (pixels, severity) => addNoise(pixels, severity, contentRandom(pixels, 'noise')),
};

/** @param severity 1..5 */
export function addNoise({ data, width, height, channels }: Pixels, severity: number, random: Random): Pixels {
  const offsets = noiseOffsets(severity);
  const result = new Uint8ClampedArray(data.length);
  const last = data.length - 1;
  for (let i = 0; i <= last; i += 2) {
    // One draw of 32 bits is enough for two values.
    const bits = (random.next() * 2 ** 32) >>> 0;
    result[i] = data[i]! + offsets[bits >>> 16]!;
    if (i < last) result[i + 1] = data[i + 1]! + offsets[bits & 0xffff]!;
  }
  return { data: new Uint8Array(result.buffer), width, height, channels };
}

/**
 * What noise adds to a byte, for each of 65,536 equally probable cases. The reference adds in real numbers and truncates; as a byte is
 * whole, that is to add the noise rounded down.
 */
export function noiseOffsets(severity: number): Int16Array {
  const deviation = 255 * DEVIATIONS[severity - 1]!;
  return Int16Array.from((quantiles ??= normalQuantiles()), (quantile) => Math.floor(deviation * quantile));
}

const CASES = 2 ** 16;
let quantiles: Float64Array | undefined;

/** The standard normal distribution's quantiles in the middle of each of 65,536 equal parts: its density summed up in small steps. */
function normalQuantiles(): Float64Array {
  const [from, step, steps] = [-6, 2 ** -12, 12 * 2 ** 12];
  const density = Float64Array.from({ length: steps }, (_, i) => Math.exp(-((from + (i + 0.5) * step) ** 2) / 2));
  const total = density.reduce((sum, part) => sum + part, 0);
  const result = new Float64Array(CASES);
  let below = 0;
  for (let i = 0, found = 0; i < steps; i++) {
    const share = density[i]! / total;
    for (; found < CASES && (found + 0.5) / CASES <= below + share; found++) {
      result[found] = from + (i + ((found + 0.5) / CASES - below) / share) * step;
    }
    below += share;
  }
  return result;
}
