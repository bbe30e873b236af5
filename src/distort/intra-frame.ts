import type { Pixels } from '../image/pixels.js';
import type { Size } from '../image/resize.js';
import { ffmpegVersion, SCALING, throughH264 } from '../video/round-trip.js';

const SETTINGS = { preset: 'medium', pixelFormat: 'yuv420p', matrix: 'bt601' } as const;

/**
 * A picture as one intra frame of H.264 shows it. Odd sides are made even by repeating the last row or column, which is cut off again.
 *
 * @param size that FFmpeg scales the picture to before it is compressed; even, unless a side is 1. The picture's own unless said.
 */
export async function intraFrame(pixels: Pixels, crf: number, size?: Size): Promise<Pixels> {
  const settings = { crf, ...SETTINGS };
  if (size) {
    const { width, height } = pixels;
    const scaled = await throughH264(toRgb(pixels, width, height), settings, evenSize(size));
    return cut(scaled, size, pixels.channels);
  }
  const { width, height } = evenSize(pixels);
  return cut(await throughH264(toRgb(pixels, width, height), settings), pixels, pixels.channels);
}

const evenSize = ({ width, height }: Size): Size => ({ width: width + (width % 2), height: height + (height % 2) });

/** What intra frames are made by, for a manifest: FFmpeg's version, and the settings under the name of the kind. */
export async function intraFrameCodecs(
  kind: string,
  { crf, scaled = false }: { crf?: number; scaled?: boolean } = {},
): Promise<Record<string, string>> {
  const { preset, pixelFormat, matrix } = SETTINGS;
  const words = [
    'libx264',
    ...(crf === undefined ? [] : [`crf ${crf}`]),
    ...[`preset ${preset}`, 'gop 1', pixelFormat, matrix],
    ...(scaled ? [`scaled by ${SCALING}`] : []),
  ];
  return { ffmpeg: await ffmpegVersion(), [kind]: words.join(', ') };
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
function cut(picture: { data: Uint8Array; width: number }, { width, height }: Size, channels: Pixels['channels']): Pixels {
  const data = new Uint8Array(width * height * channels);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) data[to++] = picture.data[(y * picture.width + x) * 3 + c]!;
  return { data, width, height, channels };
}
