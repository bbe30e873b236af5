import type { Packet } from 'node-av/lib';
import { fail } from '../common/errors.js';
import { H264Decoder } from './decoder.js';
import { H264Encoder } from './encoder.js';
import { loadLibrary } from './library.js';
import type { Picture } from './picture.js';
import type { H264Settings } from './settings.js';

export { SCALING } from './encoder.js';

/** Frames a second that a sequence is coded as, FFmpeg's own for pictures without a clock; the higher, the less a frame may cost. */
export const FRAME_RATE = 25;

interface Size {
  /** Even, as `yuv420p` needs. */
  width: number;
  height: number;
}

/**
 * A picture as a frame of H.264 that stands alone shows it: encoded, and decoded again. Equal pictures and settings give equal pictures.
 *
 * @param size that it is scaled to first, in one pass with the change to YUV. Default: the picture's own
 * @throws E_VIDEO_PACKAGE; E_VIDEO_WRITE for settings that libx264 does not take
 */
export async function throughH264(picture: Picture, settings: H264Settings, size: Size = picture): Promise<Picture> {
  const one = (async function* () {
    yield picture;
  })();
  for await (const result of sequenceThroughH264(one, { ...settings, gop: 1 }, () => size)) return result;
  return fail('E_VIDEO_BROKEN', { where: 'H.264', expected: 'a frame that decodes', got: 'none' });
}

/**
 * Consecutive pictures of one size as a stream of H.264 shows them: encoded together, in this order, and decoded again. It runs along:
 * of all pictures only those are in memory that the encoder looks ahead at. Equal pictures and settings give equal pictures.
 *
 * @param sizeOf what the first is scaled to, and so all of them, in one pass with the change to YUV. Default: its own size
 * @returns as many pictures, in the same order
 * @throws E_SHAPE for a picture of another size than the first; E_VIDEO_PACKAGE; E_VIDEO_WRITE for settings that libx264 does not take
 */
export async function* sequenceThroughH264(
  pictures: AsyncIterable<Picture>,
  settings: H264Settings,
  sizeOf: (first: Picture) => Size = (first) => first,
): AsyncGenerator<Picture, void> {
  let encoder: H264Encoder | undefined;
  let decoder: H264Decoder | undefined;
  let count = 0;
  try {
    for await (const picture of pictures) {
      encoder ??= await openEncoder(picture, settings, sizeOf(picture));
      decoder ??= await H264Decoder.open(encoder.library);
      yield* decodeAndFree(decoder, await encoder.encode(picture, count++ / FRAME_RATE));
    }
    if (!encoder || !decoder) return;
    yield* decodeAndFree(decoder, await encoder.encode(null));
    yield* decoder.decode([null]);
    if (decoder.count !== count) {
      fail('E_VIDEO_BROKEN', { where: 'H.264', expected: `${count} frames again`, got: String(decoder.count) });
    }
  } finally {
    decoder?.close();
    encoder?.close();
  }
}

function openEncoder(picture: Picture, settings: H264Settings, { width, height }: Size): Promise<H264Encoder> {
  const from = { width: picture.width, height: picture.height };
  // One thread: pictures and sequences are many, and with several x264 decides otherwise.
  return H264Encoder.open({ ...settings, frameRate: FRAME_RATE, threads: 1, width, height, from });
}

async function* decodeAndFree(decoder: H264Decoder, packets: readonly Packet[]): AsyncGenerator<Picture, void> {
  try {
    yield* decoder.decode(packets);
  } finally {
    for (const packet of packets) packet.free();
  }
}

/** What decoded and encoded, for records: FFmpeg's version. @throws E_VIDEO_PACKAGE */
export async function ffmpegVersion(): Promise<string> {
  const { getFFmpegInfo } = await loadLibrary();
  return getFFmpegInfo().version;
}
