import type { Pixels } from '../image/pixels.js';
import { pad } from '../image/pad.js';
import { contentRandom } from './content-random.js';
import type { Distortion } from './distortion.js';
import { bySeverity } from './severity.js';
import { addTaps, inFours } from './taps.js';
import { ROUNDING, sum, WEIGHT_BITS, wholeWeights } from './whole-weights.js';

/** By severity, in pixels: a trail is `2 radius + 1` long and fades as half a Gaussian of deviation `sigma`. */
const TRAILS = [
  { radius: 10, sigma: 3 },
  { radius: 15, sigma: 5 },
  { radius: 15, sigma: 8 },
  { radius: 15, sigma: 12 },
  { radius: 20, sigma: 15 },
];

/** Motion blur along a line at -45..45 degrees, the angle drawn per image. @source ImageNet-C's `motion_blur`, as in imagecorruptions */
export const motion: Distortion<number> = {
  ...bySeverity('motion'),
  apply: async (pixels, severity) => blurAlong(pixels, severity, -45 + 90 * contentRandom(pixels, 'motion').next()),
};

/**
 * Every pixel becomes the weighted mean of those along the trail; outside the image its edge goes on. The reference leaves out what
 * has moved by more than the whole image, which darkens images under 41 pixels; here they stay as bright.
 *
 * @param severity 1..5
 * @param degrees of the trail; 0 comes from the right, 45 from the lower right
 */
export function blurAlong(pixels: Pixels, severity: number, degrees: number): Pixels {
  const { width, height, channels } = pixels;
  const { radius, sigma } = TRAILS[severity - 1]!;
  const length = 2 * radius + 1;
  const fading = Array.from({ length }, (_, i) => Math.exp(-(i ** 2) / (2 * sigma ** 2)));
  const total = sum(fading);
  const weights = wholeWeights(
    fading.map((weight) => weight / total),
    0,
  );
  const margin = length - 1;
  const padded = pad(pixels, margin, 'edge');
  const angle = (degrees * Math.PI) / 180;
  const taps = inFours(
    Array.from(weights, (weight, i) => {
      const [dx, dy] = [Math.ceil(i * Math.cos(angle) - 0.5), Math.ceil(i * Math.sin(angle) - 0.5)];
      return { at: ((margin + dy) * padded.width + margin + dx) * channels, weight };
    }),
  );

  const values = Int32Array.from(padded.data);
  const result = new Uint8Array(width * height * channels);
  const sums = new Int32Array(width * channels);
  for (let y = 0; y < height; y++) {
    sums.fill(ROUNDING);
    addTaps(sums, values, y * padded.width * channels, taps);
    for (let i = 0; i < sums.length; i++) result[y * sums.length + i] = sums[i]! >> WEIGHT_BITS;
  }
  return { data: result, width, height, channels };
}
