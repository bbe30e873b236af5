import { fail } from '../common/errors.js';
import { brightness } from './brightness.js';
import { defocus } from './defocus.js';
import type { Distortion } from './distortion.js';
import { fog } from './fog.js';
import { gamma } from './gamma.js';
import { h264 } from './h264.js';
import { jpeg } from './jpeg.js';
import { motion } from './motion.js';
import { noise } from './noise.js';
import { resolution } from './resolution.js';

/** Every kind of distortion: one line each. */
export const distortions: readonly Distortion[] = [
  ...[brightness, defocus, fog, gamma, h264],
  ...[jpeg, motion, noise, resolution],
];

/**
 * The distortion of a kind.
 *
 * @param text the level that names it, for the error
 * @throws E_DISTORT_LEVEL with the kinds that there are
 */
export function distortionOf(kind: string, text = kind): Distortion {
  return (
    distortions.find((distortion) => distortion.kind === kind) ??
    fail('E_DISTORT_LEVEL', {
      where: 'distort.level',
      expected: `a kind of distortion (${distortions.map((distortion) => distortion.kind).join(', ')})`,
      got: `"${kind}" in "${text}"`,
      todo: 'Write for example jpeg=30 or brightness=0.5+jpeg=30.',
    })
  );
}
