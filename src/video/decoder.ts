import type { CodecContext, Frame, Packet } from 'node-av/lib';
import { fail } from '../common/errors.js';
import { type Library, reasonOf } from './library.js';
import type { Picture } from './picture.js';
import { ToRgb } from './rgb.js';

/** H.264 packets, as the encoder gives them, to pictures in the order in which they are shown. */
export class H264Decoder {
  /** Pictures so far. */
  count = 0;

  private constructor(
    private readonly library: Library,
    private readonly context: CodecContext,
    private readonly frame: Frame,
    private readonly rgb: ToRgb,
  ) {}

  static async open(library: Library): Promise<H264Decoder> {
    const { Codec, CodecContext, Frame, constants } = library;
    const context = new CodecContext();
    context.allocContext3(Codec.findDecoder(constants.AV_CODEC_ID_H264));
    const frame = new Frame();
    frame.alloc();
    const decoder = new H264Decoder(library, context, frame, new ToRgb(library));
    // One thread: streams are many.
    context.threadCount = 1;
    try {
      decoder.check(await context.open2());
      return decoder;
    } catch (error) {
      decoder.close();
      throw error;
    }
  }

  /**
   * Takes packets, null among them for the end, and gives the pictures that are ready.
   *
   * @throws E_VIDEO_BROKEN for one that does not decode
   */
  async *decode(packets: readonly (Packet | null)[]): AsyncGenerator<Picture, void> {
    const { AVERROR_EAGAIN, AVERROR_EOF } = this.library.constants;
    for (const packet of packets) {
      this.check(await this.context.sendPacket(packet));
      for (;;) {
        const code = await this.context.receiveFrame(this.frame);
        if (code === AVERROR_EAGAIN || code === AVERROR_EOF) break;
        this.check(code);
        this.count++;
        yield await this.rgb.convert(this.frame);
      }
    }
  }

  close(): void {
    this.rgb.close();
    this.frame.free();
    this.context.freeContext();
  }

  private check(code: number): void {
    if (code >= 0) return;
    const got = reasonOf(this.library, code);
    fail('E_VIDEO_BROKEN', { where: 'H.264', expected: 'a frame that decodes', got });
  }
}
