import type { Frame, SoftwareScaleContext } from 'node-av/lib';
import { fail } from '../common/errors.js';
import { type Library, reasonOf } from './library.js';
import type { Picture } from './picture.js';

/**
 * Turns decoded frames into RGB at their own size, by the matrix and range that they are tagged with (BT.601 where they are not, as
 * the ffmpeg program does). FFmpeg prepares itself anew where size or format changes.
 */
export class ToRgb {
  private readonly scaler: SoftwareScaleContext;

  constructor(private readonly library: Library) {
    this.scaler = new library.SoftwareScaleContext();
    this.scaler.allocContext();
  }

  async convert(frame: Frame): Promise<Picture> {
    const { library, scaler } = this;
    const { width, height } = frame;
    const rgb = new library.Frame();
    rgb.alloc();
    // Rows of two fields are converted like any others, as the ffmpeg program does.
    frame.clearFlags(library.constants.AV_FRAME_FLAG_INTERLACED);
    try {
      rgb.width = width;
      rgb.height = height;
      rgb.format = library.constants.AV_PIX_FMT_RGB24;
      const code = Math.min(rgb.allocBuffer(), 0) || (await scaler.scaleFrame(rgb, frame));
      if (code < 0) {
        const expected = 'pixels that turn into RGB';
        fail('E_VIDEO_BROKEN', { where: 'frame', expected, got: reasonOf(library, code) });
      }
      // A copy of its own, without FFmpeg's padding, that may move to another thread.
      return { data: Uint8Array.from(rgb.toBuffer()), width, height, channels: 3 };
    } finally {
      rgb.free();
    }
  }

  close(): void {
    this.scaler.freeContext();
  }
}
