import type { Distortion } from './distortion.js';
import { lookUp } from './look-up.js';

/** From here on every value but 0 is white, so a higher factor would be a second name for the same level. */
const HIGHEST = 255;

/**
 * Relative brightness as Pillow's `ImageEnhance.Brightness` gives it, bit for bit: 1 changes nothing, 0 is black.
 *
 * @source Xie and Kim 2020, section 4.3; Pillow's `Blend.c`, which multiplies in single precision, clips and truncates
 */
export const brightness: Distortion<number> = {
  kind: 'brightness',
  expected: `a factor from 0 to ${HIGHEST}`,
  examples: [0.9, 1.5, 0.3, 0.1],
  axis: { label: 'brightness', scale: 'log', ends: ['darker', 'brighter'] },
  parse(text) {
    const factor = /^(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    return factor >= 0 && factor <= HIGHEST ? factor : undefined;
  },
  advice(text) {
    const factor = text === '' ? Number.NaN : Number(text);
    if (factor < 0) return 'Use brightness=0 for a black image.';
    if (factor > HIGHEST) return `Use brightness=${HIGHEST}, which already makes every value but 0 white.`;
    return 'Write a number, for example brightness=0.5 for half as bright.';
  },
  async apply(pixels, factor) {
    return lookUp(pixels, brightnessTable(factor));
  },
};

/** What becomes of each byte 0..255. */
export function brightnessTable(factor: number): Uint8Array {
  const single = Math.fround(factor);
  return Uint8Array.from({ length: 256 }, (_, value) => Math.min(255, Math.trunc(Math.fround(single * value))));
}
