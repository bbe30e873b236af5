import type { Pixels } from '../image/pixels.js';
import { ffmpegVersion, throughH264 } from '../video/round-trip.js';
import type { Distortion } from './distortion.js';

const [BEST, WORST] = [15, 51];
const SETTINGS = { preset: 'medium', pixelFormat: 'yuv420p', matrix: 'bt601' } as const;

/**
 * Compression to H.264 at a constant rate factor, each image one intra frame. Needs the optional package node-av.
 *
 * @source Xie and Kim 2020, section 4.3; libx264's `-crf`
 */
export const h264: Distortion<number> = {
  kind: 'h264',
  expected: `a CRF from ${BEST} to ${WORST}`,
  examples: [18, 24, 36, 51],
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
  async apply(pixels, crf) {
    const { width, height, channels } = pixels;
    const [wide, tall] = [width + (width % 2), height + (height % 2)];
    const even = toEvenRgb(pixels, wide, tall);
    const { data } = await throughH264({ data: even, width: wide, height: tall, channels: 3 }, { crf, ...SETTINGS });
    const result = new Uint8Array(width * height * channels);
    for (let y = 0, to = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) result[to++] = data[(y * wide + x) * 3 + c]!;
    return { data: result, width, height, channels };
  },
  async codecs() {
    const { preset, pixelFormat, matrix } = SETTINGS;
    return { ffmpeg: await ffmpegVersion(), h264: `libx264, preset ${preset}, gop 1, ${pixelFormat}, ${matrix}` };
  },
  scale: {
    // Steps double with every 6 of a CRF, and are at 42 about those of JPEG 10. Of two compressions the coarser remains.
    point: (value) => (typeof value === 'number' ? [2 ** ((value - 42) / 6)] : undefined),
    clean: [0],
    both: (first, second) => [Math.max(first[0]!, second[0]!)],
  },
};

/** Three channels and even sides: gray is repeated, and so are the last row and column. */
function toEvenRgb({ data, width, height, channels }: Pixels, wide: number, tall: number): Uint8Array {
  const even = new Uint8Array(wide * tall * 3);
  for (let y = 0, to = 0; y < tall; y++) {
    const row = Math.min(y, height - 1) * width;
    for (let x = 0; x < wide; x++) {
      const from = (row + Math.min(x, width - 1)) * channels;
      for (let c = 0; c < 3; c++) even[to++] = data[from + (channels === 1 ? 0 : c)]!;
    }
  }
  return even;
}
