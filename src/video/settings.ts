import { fail } from '../common/errors.js';

const PRESETS = [
  'ultrafast',
  'superfast',
  'veryfast',
  'faster',
  'fast',
  'medium',
  'slow',
  'slower',
  'veryslow',
] as const;
export type Preset = (typeof PRESETS)[number];

/** Highest CRF of 8-bit H.264. */
const WORST = 51;

/** How frames become H.264; the words and defaults are those of `ffmpeg -c:v libx264`. */
export interface H264Settings {
  /** Constant rate factor, 0 (lossless) to 51. Default: 23. */
  crf?: number;
  /** How long the encoder searches. Default: `medium`. */
  preset?: Preset;
  /** Most frames from one key frame to the next; 1 makes every frame stand alone. Default: 250. */
  gop?: number;
  /** Most B-frames in a row. Default: the preset's. */
  bFrames?: number;
  /** How colours are sampled; default `yuv420p`, which takes even sizes only. */
  pixelFormat?: 'yuv420p' | 'yuv422p' | 'yuv444p';
  /** The matrix from RGB to YUV, which is also written into the stream; default `bt601`, as ffmpeg takes. */
  matrix?: 'bt601' | 'bt709';
  /** Threads of the encoder. Default: as many as it likes. */
  threads?: number;
}

/** Most B-frames in a row that x264 takes. */
const MOST_B_FRAMES = 16;

/** Settings with nothing left open but what the preset decides. */
export type CheckedSettings = Required<Omit<H264Settings, 'bFrames'>> & Pick<H264Settings, 'bFrames'>;

/** Settings with their defaults. @throws E_VIDEO_WRITE for a value outside its range, and for an odd size with `yuv420p` */
export function checkSettings(settings: H264Settings, size: { width: number; height: number }): CheckedSettings {
  const { crf = 23, preset = 'medium', gop = 250, pixelFormat = 'yuv420p', matrix = 'bt601', threads = 0 } = settings;
  const { bFrames } = settings;
  if (!(crf >= 0 && crf <= WORST)) refuse('crf', `a number from 0 to ${WORST}`, crf);
  if (!PRESETS.includes(preset)) refuse('preset', PRESETS.join(', '), preset);
  if (!Number.isInteger(gop) || gop < 1) refuse('gop', 'a whole number from 1 on', gop);
  if (bFrames !== undefined && !(Number.isInteger(bFrames) && bFrames >= 0 && bFrames <= MOST_B_FRAMES)) {
    refuse('bFrames', `a whole number from 0 to ${MOST_B_FRAMES}`, bFrames);
  }
  const [odd, tall] = [
    pixelFormat !== 'yuv444p' && size.width % 2 === 1,
    pixelFormat === 'yuv420p' && size.height % 2 === 1,
  ];
  if (odd || tall || size.width < 1 || size.height < 1) {
    refuse('size', `one that ${pixelFormat} can hold: even`, `${size.width}x${size.height}`);
  }
  return { crf, preset, gop, bFrames, pixelFormat, matrix, threads };
}

function refuse(where: string, expected: string, got: unknown): never {
  fail('E_VIDEO_WRITE', { where: `H.264 ${where}`, expected, got: String(got) });
}
