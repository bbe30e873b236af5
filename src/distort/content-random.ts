import { sha256 } from '../common/files.js';
import { Random } from '../common/random.js';
import type { Pixels } from '../image/pixels.js';

/**
 * The randomness of one kind of distortion on one image, drawn from the image itself: every image has its own, a copy of it has the
 * same, and neither the order of processing nor the number of threads matters.
 */
export function contentRandom({ data, width, height, channels }: Pixels, kind: string): Random {
  return Random.of(0, kind, width, height, channels, sha256(data));
}
