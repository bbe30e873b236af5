import type { Dataset, Sample } from '../data/dataset.js';
import type { Size } from '../image/resize.js';

/** Pictures that are looked at. */
const LOOKED_AT = 40;

/** Share of the pictures that may be smaller: a few thumbnails do not decide for all. */
const SMALLER = 0.1;

/**
 * The height and the width that nine of ten pictures have at least: where sizes are mixed, upright pictures among lying ones say, a crop of that size
 * lies within nearly all of them. One of the first picture's size would frame every smaller one, and a network learns from frames that it never sees.
 */
export async function commonSize(dataset: Dataset, samples: readonly Sample[]): Promise<Size> {
  const every = Math.max(1, samples.length / LOOKED_AT);
  const looked = Array.from({ length: Math.min(samples.length, LOOKED_AT) }, (_, i) => samples[Math.floor(i * every)]!);
  const sizes: Size[] = [];
  // One after the other: decoded pictures may be large.
  for (const sample of looked) {
    const { height, width } = await dataset.readImage(sample);
    sizes.push({ height, width });
  }
  const least = (side: 'height' | 'width'): number =>
    sizes.map((size) => size[side]).sort((a, b) => a - b)[Math.floor(SMALLER * sizes.length)]!;
  return { height: least('height'), width: least('width') };
}
