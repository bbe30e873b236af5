import type { Distortion } from './distortion.js';
import { h264Codecs, h264Picture, h264Sequence } from './h264-pictures.js';

const [BEST, WORST] = [15, 51];

/**
 * Compression to H.264 at a constant rate factor, each image one intra frame, or whole sequences with a GOP. Needs the optional package node-av.
 *
 * @source Xie and Kim 2020, section 4.3; libx264's `-crf`
 */
export const h264: Distortion<number> = {
  kind: 'h264',
  expected: `a CRF from ${BEST} to ${WORST}`,
  examples: [18, 24, 36, 51],
  axis: { label: 'H.264 CRF' },
  parse(text) {
    const crf = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return crf >= BEST && crf <= WORST ? crf : undefined;
  },
  advice(text) {
    const crf = text === '' ? Number.NaN : Number(text);
    if (crf < BEST) return `Use h264=${BEST} for the weakest compression, or clean for none.`;
    if (crf > WORST) return `Use h264=${WORST} for the strongest compression.`;
    return 'Write a whole number, for example h264=24.';
  },
  apply: (pixels, crf) => h264Picture(pixels, crf),
  applySequence: (frames, crf, gop, where) => h264Sequence(frames, { crf, gop, where }),
  codecs: (gop) => h264Codecs('h264', { gop }),
  scale: {
    // Steps double with every 6 of a CRF, and are at 42 about those of JPEG 10. Of two compressions the coarser remains.
    point: (value) => (typeof value === 'number' ? [2 ** ((value - 42) / 6)] : undefined),
    clean: [0],
    both: (first, second) => [Math.max(first[0]!, second[0]!)],
  },
};
