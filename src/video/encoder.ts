import type { CodecContext, Frame, Packet, SoftwareScaleContext } from 'node-av/lib';
import { fail } from '../common/errors.js';
import { cpuFeatures } from '../engine/cpu.js';
import { type Library, loadLibrary, reasonOf } from './library.js';
import type { Picture } from './picture.js';
import { type CheckedSettings, checkSettings, type H264Settings } from './settings.js';

/** Ticks of a second: divides into whole ticks for every usual frame rate. */
export const TICKS = 90_000;

/** How FFmpeg scales pictures: its own default, which takes in more pixels the more it shrinks. The `flags` of its scale filter. */
export const SCALING = 'bicubic';

export interface EncoderOptions extends H264Settings {
  width: number;
  height: number;
  /** Size of the pictures to come, where they are to be scaled to width and height by {@link SCALING}. */
  from?: { width: number; height: number };
  /** Frames a second, as the encoder is to expect them. Default: 25. Times of their own are kept. */
  frameRate?: number;
  /** Parameter sets go into the container's header, as mp4 needs it, instead of before each key frame. */
  globalHeader?: boolean;
}

/** Pictures of one size to H.264 packets, by libx264. */
export class H264Encoder {
  private readonly scaler: SoftwareScaleContext;
  /** Ticks that frames stand that are not out yet, by their times. */
  private readonly durations = new Map<bigint, bigint>();

  private constructor(
    readonly library: Library,
    readonly context: CodecContext,
    private readonly options: CheckedSettings & {
      width: number;
      height: number;
      from: { width: number; height: number };
      frameRate: number;
    },
  ) {
    this.scaler = new library.SoftwareScaleContext();
    this.scaler.allocContext();
    if (options.from.width !== options.width || options.from.height !== options.height) {
      this.scaler.setOption('sws_flags', SCALING);
    }
  }

  /** @throws E_VIDEO_PACKAGE; E_VIDEO_WRITE for settings that it does not take */
  static async open(options: EncoderOptions): Promise<H264Encoder> {
    const { width, height, from = { width, height }, frameRate = 25, globalHeader = false } = options;
    const settings = checkSettings(options, options);
    const library = await loadLibrary();
    const { Codec, CodecContext, Dictionary, Rational, constants } = library;
    const codec = Codec.findEncoderByName(constants.FF_ENCODER_LIBX264)!;
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = formatOf(library, settings);
    context.timeBase = new Rational(1, TICKS);
    context.framerate = new Rational(Math.round(frameRate * 1000), 1000);
    context.gopSize = settings.gop;
    context.threadCount = settings.threads;
    context.colorSpace = matrixOf(library, settings);
    context.colorRange = constants.AVCOL_RANGE_MPEG;
    if (globalHeader) context.setFlags(constants.AV_CODEC_FLAG_GLOBAL_HEADER);
    const { crf, preset, bFrames } = settings;
    const flags = Dictionary.fromObject({ crf, preset, ...(bFrames !== undefined && { bf: bFrames }), ...steady() });
    const code = await context.open2(codec, flags);
    if (code < 0) {
      context.freeContext();
      fail('E_VIDEO_WRITE', { where: 'H.264', expected: 'settings that libx264 takes', got: reasonOf(library, code) });
    }
    return new H264Encoder(library, context, { ...settings, width, height, from, frameRate });
  }

  /**
   * Takes a picture, null for the end, and gives the packets that are ready; the caller frees each.
   *
   * @param time seconds
   * @param duration seconds that it stands. Default: one frame of the rate
   * @throws E_SHAPE for a picture of another size than was said; E_VIDEO_WRITE
   */
  async encode(picture: Picture | null, time = 0, duration = 1 / this.options.frameRate): Promise<Packet[]> {
    const { library, context } = this;
    const frame = picture && (await this.toYuv(picture, time, duration));
    if (frame) this.durations.set(frame.pts, frame.duration);
    try {
      const code = await context.sendFrame(frame);
      if (code < 0)
        fail('E_VIDEO_WRITE', { where: 'H.264', expected: 'a frame to encode', got: reasonOf(library, code) });
    } finally {
      frame?.free();
    }
    const packets: Packet[] = [];
    for (;;) {
      const packet = new library.Packet();
      packet.alloc();
      if ((await context.receivePacket(packet)) < 0) {
        packet.free();
        return packets;
      }
      // The encoder gives every packet the duration of a frame at the rate.
      packet.duration = this.durations.get(packet.pts) ?? packet.duration;
      this.durations.delete(packet.pts);
      packets.push(packet);
    }
  }

  close(): void {
    this.scaler.freeContext();
    this.context.freeContext();
  }

  private async toYuv({ data, width, height }: Picture, time: number, duration: number): Promise<Frame> {
    const { library, options } = this;
    const { Frame, constants } = library;
    const { from } = options;
    if (width !== from.width || height !== from.height || data.length !== width * height * 3) {
      const expected = `${from.height} x ${from.width} x 3 bytes, row by row`;
      fail('E_SHAPE', { where: 'frame', expected, got: `${data.length} bytes of ${height} x ${width}` });
    }
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
    const rgb = Frame.fromVideoBuffer(bytes, { width, height, format: constants.AV_PIX_FMT_RGB24 });
    const yuv = new Frame();
    yuv.alloc();
    try {
      yuv.width = options.width;
      yuv.height = options.height;
      yuv.format = formatOf(library, options);
      yuv.colorSpace = matrixOf(library, options);
      yuv.colorRange = constants.AVCOL_RANGE_MPEG;
      const code = Math.min(yuv.allocBuffer(), 0) || (await this.scaler.scaleFrame(yuv, rgb));
      if (code < 0)
        fail('E_VIDEO_WRITE', { where: 'frame', expected: 'pixels to encode', got: reasonOf(library, code) });
      yuv.pts = BigInt(Math.round(time * TICKS));
      yuv.duration = BigInt(Math.max(1, Math.round(duration * TICKS)));
      return yuv;
    } catch (error) {
      yuv.free();
      throw error;
    } finally {
      rgb.free();
    }
  }
}

/**
 * x264's code for AVX-512 gives other bytes for the same frames about once in ten encodings, where it weighs blocks by what refers to
 * them (`mbtree`); its code for AVX2 never did.
 */
function steady(): Record<string, string> {
  return cpuFeatures().has('avx512bw') ? { 'x264-params': 'asm=AVX2' } : {};
}

function formatOf({ constants }: Library, { pixelFormat }: CheckedSettings) {
  const { AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P } = constants;
  return { yuv420p: AV_PIX_FMT_YUV420P, yuv422p: AV_PIX_FMT_YUV422P, yuv444p: AV_PIX_FMT_YUV444P }[pixelFormat];
}

function matrixOf({ constants }: Library, { matrix }: CheckedSettings) {
  return matrix === 'bt709' ? constants.AVCOL_SPC_BT709 : constants.AVCOL_SPC_SMPTE170M;
}
