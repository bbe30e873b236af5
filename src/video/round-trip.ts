import type { Packet } from 'node-av/lib';
import { fail } from '../common/errors.js';
import { H264Encoder } from './encoder.js';
import { type Library, loadLibrary, reasonOf } from './library.js';
import type { Picture } from './picture.js';
import { ToRgb } from './rgb.js';
import type { H264Settings } from './settings.js';

export { SCALING } from './encoder.js';

/**
 * A picture as a frame of H.264 that stands alone shows it: encoded, and decoded again. Equal pictures and settings give equal pictures.
 *
 * @param size that it is scaled to first, in one pass with the change to YUV; with even width and height, as `yuv420p` needs. The
 *   picture's own unless said
 * @throws E_VIDEO_PACKAGE; E_VIDEO_WRITE for settings that libx264 does not take
 */
export async function throughH264(
  picture: Picture,
  settings: H264Settings,
  size: { width: number; height: number } = picture,
): Promise<Picture> {
  const { width, height } = size;
  const { width: wide, height: tall } = picture;
  const from = wide === width && tall === height ? undefined : { width: wide, height: tall };
  // One thread: pictures are many, and each is a frame of its own.
  const encoder = await H264Encoder.open({ ...settings, gop: 1, threads: 1, width, height, from });
  try {
    const packets = [...(await encoder.encode(picture)), ...(await encoder.encode(null))];
    try {
      return await decode(encoder.library, packets);
    } finally {
      for (const packet of packets) packet.free();
    }
  } finally {
    encoder.close();
  }
}

/** What decoded and encoded, for records: FFmpeg's version. @throws E_VIDEO_PACKAGE */
export async function ffmpegVersion(): Promise<string> {
  const { getFFmpegInfo } = await loadLibrary();
  return getFFmpegInfo().version;
}

async function decode(library: Library, packets: readonly Packet[]): Promise<Picture> {
  const { Codec, CodecContext, Frame, constants } = library;
  const decoder = new CodecContext();
  decoder.allocContext3(Codec.findDecoder(constants.AV_CODEC_ID_H264));
  const frame = new Frame();
  frame.alloc();
  const rgb = new ToRgb(library);
  try {
    decoder.threadCount = 1;
    check(library, await decoder.open2());
    for (const packet of packets) check(library, await decoder.sendPacket(packet));
    check(library, await decoder.sendPacket(null));
    check(library, await decoder.receiveFrame(frame));
    return await rgb.convert(frame);
  } finally {
    rgb.close();
    frame.free();
    decoder.freeContext();
  }
}

function check(library: Library, code: number): void {
  if (code >= 0) return;
  fail('E_VIDEO_BROKEN', { where: 'H.264', expected: 'a frame that decodes', got: reasonOf(library, code) });
}
