import type { Random } from '../common/random.js';
import type { Pixels } from '../image/pixels.js';
import { contentRandom } from './content-random.js';
import type { Distortion } from './distortion.js';
import { plasma } from './plasma.js';
import { bySeverity } from './severity.js';

/** By severity: how much light the thickest fog adds, as a part of 255, and how smooth it is. */
const FOGS = [
  { light: 1.5, decay: 2 },
  { light: 2, decay: 2 },
  { light: 2.5, decay: 1.7 },
  { light: 2.5, decay: 1.5 },
  { light: 3, decay: 1.4 },
];

/** Clouds of light over the image, which is then darkened to its own greatest value. @source ImageNet-C's `fog`, as in imagecorruptions */
export const fog: Distortion<number> = {
  ...bySeverity('fog'),
  apply: async (pixels, severity) => addFog(pixels, severity, contentRandom(pixels, 'fog')),
};

/** @param severity 1..5 */
export function addFog(pixels: Pixels, severity: number, random: Pick<Random, 'next'>): Pixels {
  const { data, width, height, channels } = pixels;
  const { light, decay } = FOGS[severity - 1]!;
  const size = mapSize(width, height);
  const map = plasma(size, decay, random);
  const brightest = data.reduce((most, value) => Math.max(most, value), 0) / 255;
  const result = new Uint8Array(data.length);
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const added = light * map[y * size + x]!;
      for (let c = 0; c < channels; c++, i++) {
        // In the reference's order of operations, which decides how its results are truncated.
        result[i] = Math.min(1, ((data[i]! / 255 + added) * brightest) / (brightest + light)) * 255;
      }
    }
  }
  return { data: result, width, height, channels };
}

/** The power of 2 that covers the longer side; never below 4, as the reference counts the three channels as a side. */
function mapSize(width: number, height: number): number {
  let size = 4;
  while (size < Math.max(width, height)) size *= 2;
  return size;
}
