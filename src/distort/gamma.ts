import type { Distortion } from './distortion.js';
import { lookUp } from './look-up.js';

/** Beyond these nearly every value is black or white already. */
const [LOWEST, HIGHEST] = [0.01, 100];

/**
 * Gamma correction: `255 (value / 255)^gamma`, rounded. 1 changes nothing; above it middle tones get darker, below it brighter, black
 * and white stay.
 *
 * @source scikit-image's `exposure.adjust_gamma` on bytes
 */
export const gamma: Distortion<number> = {
  kind: 'gamma',
  expected: `an exponent from ${LOWEST} to ${HIGHEST}`,
  examples: [1.2, 1.5, 2, 4],
  axis: { scale: 'log', ends: ['darker', 'brighter'] },
  parse(text) {
    const exponent = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
    return exponent >= LOWEST && exponent <= HIGHEST ? exponent : undefined;
  },
  advice(text) {
    const exponent = text === '' ? Number.NaN : Number(text);
    if (exponent < LOWEST) return `Use gamma=${LOWEST}, which makes nearly every value white.`;
    if (exponent > HIGHEST) return `Use gamma=${HIGHEST}, which makes nearly every value black.`;
    return 'Write a number, for example gamma=2 for darker middle tones or gamma=0.5 for brighter ones.';
  },
  async apply(pixels, exponent) {
    return lookUp(
      pixels,
      Uint8Array.from({ length: 256 }, (_, value) => Math.round(255 * (value / 255) ** exponent)),
    );
  },
  scale: {
    // Gamma 2 halves a middle gray; two exponents multiply.
    point: (value) => (typeof value === 'number' ? [Math.log2(value)] : undefined),
    clean: [0],
    both: (first, second) => [first[0]! + second[0]!],
  },
};
