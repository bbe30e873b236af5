import { fail } from '../common/errors.js';
import { plural } from '../common/plural.js';
import type { Pixels } from '../image/pixels.js';
import type { Size } from '../image/resize.js';
import { ffmpegVersion, FRAME_RATE, SCALING, sequenceThroughH264, throughH264 } from '../video/round-trip.js';

const SETTINGS = { preset: 'medium', pixelFormat: 'yuv420p', matrix: 'bt601' } as const;

/** Of sequences: what the preset has, said so that a manifest can name it. */
const B_FRAMES = 3;

/**
 * A picture as one intra frame of H.264 shows it. Odd sides are made even by repeating the last row or column, which is cut off again.
 *
 * @param size that FFmpeg scales the picture to before it is compressed; even, unless a side is 1. Default: the picture's own
 */
export async function h264Picture(pixels: Pixels, crf: number, size: Size = pixels): Promise<Pixels> {
  const picture = await throughH264(codedPart(pixels, size), { crf, ...SETTINGS }, evenSize(size));
  return cut(picture, size, pixels.channels);
}

export interface SequenceOptions {
  crf: number;
  /** Most frames from one key frame to the next. */
  gop: number;
  /** Size that FFmpeg scales the frames to, given the first. Default: their own. */
  sizeOf?: (first: Size) => Size;
  /** What the frames are of, for errors. */
  where?: string;
}

/**
 * Consecutive frames as one stream of H.264 shows them, with P- and B-frames between its key frames; otherwise as {@link h264Picture}.
 *
 * @throws E_DISTORT_SEQUENCE where they differ in size
 */
export async function* h264Sequence(
  frames: AsyncIterable<Pixels>,
  { crf, gop, sizeOf = (first) => first, where = 'sequence' }: SequenceOptions,
): AsyncGenerator<Pixels, void> {
  let first: Pixels | undefined;
  let size: Size | undefined;
  async function* parts() {
    let number = 0;
    for await (const pixels of frames) {
      number++;
      first ??= pixels;
      size ??= sizeOf(first);
      if (describe(pixels) !== describe(first)) {
        fail('E_DISTORT_SEQUENCE', {
          where: `${where}, frame ${number}`,
          expected: `${describe(first)}, as the first frame`,
          got: describe(pixels),
          todo: `Bring the frames of a recording to one size, or leave -gop${gop} out of the level.`,
        });
      }
      yield codedPart(pixels, size);
    }
  }
  const settings = { crf, gop, bFrames: B_FRAMES, ...SETTINGS };
  for await (const picture of sequenceThroughH264(parts(), settings, () => evenSize(size!))) {
    yield cut(picture, size!, first!.channels);
  }
}

/**
 * What pictures or sequences are made by, for a manifest: FFmpeg's version, and the settings under the name of the kind.
 *
 * @param options.gop of sequences. Default: single pictures
 */
export async function h264Codecs(
  kind: string,
  { crf, scaled = false, gop }: { crf?: number; scaled?: boolean; gop?: number } = {},
): Promise<Record<string, string>> {
  const { preset, pixelFormat, matrix } = SETTINGS;
  const words = [
    'libx264',
    ...(crf === undefined ? [] : [`crf ${crf}`]),
    ...[`preset ${preset}`, `gop ${gop ?? 1}`, pixelFormat, matrix],
    ...(scaled ? [`scaled by ${SCALING}`] : []),
    ...(gop === undefined ? [] : [`at most ${B_FRAMES} B-frames`, `${FRAME_RATE} frames/s`, 'whole sequences']),
  ];
  const name = gop === undefined ? kind : `${kind}-gop${gop}`;
  return { ffmpeg: await ffmpegVersion(), [name]: words.join(', ') };
}

const evenSize = ({ width, height }: Size): Size => ({ width: width + (width % 2), height: height + (height % 2) });

const describe = ({ width, height, channels }: Pixels): string =>
  `${width}x${height} with ${plural(channels, 'channel')}`;

/** What the encoder is given: all of a picture that it scales, and one of its own size made even. */
function codedPart(pixels: Pixels, size: Size) {
  const isScaled = size.width !== pixels.width || size.height !== pixels.height;
  const { width, height } = isScaled ? pixels : evenSize(pixels);
  return toRgb(pixels, width, height);
}

/** Three channels of a certain size: gray is repeated, and so are the last row and column. */
function toRgb({ data, width, height, channels }: Pixels, wide: number, tall: number) {
  const rgb = new Uint8Array(wide * tall * 3);
  for (let y = 0, to = 0; y < tall; y++) {
    const row = Math.min(y, height - 1) * width;
    for (let x = 0; x < wide; x++) {
      const from = (row + Math.min(x, width - 1)) * channels;
      for (let c = 0; c < 3; c++) rgb[to++] = data[from + (channels === 1 ? 0 : c)]!;
    }
  }
  return { data: rgb, width: wide, height: tall, channels: 3 as const };
}

/** The upper left part of a picture, with as many channels as asked for. */
function cut(
  picture: { data: Uint8Array; width: number },
  { width, height }: Size,
  channels: Pixels['channels'],
): Pixels {
  const data = new Uint8Array(width * height * channels);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) data[to++] = picture.data[(y * picture.width + x) * 3 + c]!;
  return { data, width, height, channels };
}
