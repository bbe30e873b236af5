import sharp from 'sharp';
import { blendClasses, type Color } from '../image/blend.js';
import { drawCaption } from '../image/caption.js';
import type { Pixels } from '../image/pixels.js';
import type { Picture } from '../video/picture.js';
import { VideoWriter } from '../video/writer.js';
import type { Inference } from './inference.js';
import { withBoxes } from './write-answer.js';

/** Looks good at a small size, and encodes faster than frames are answered. */
const QUALITY = { crf: 20, preset: 'veryfast' } as const;

/**
 * A video of the frames with the classes in their colours, or the boxes, over them and the level in a corner. It keeps the size of its first frame, as a
 * video has to; frames of another size are scaled into it, with black bars where the shape differs.
 */
export class OverlayVideo {
  private writer: VideoWriter | undefined;
  private size = { width: 0, height: 0 };
  /** The last frame, which is written once it is known how long it stands. */
  private last: { frame: Picture; time: number } | undefined;
  private end = 0;

  /**
   * @param path its extension names the container: `.mp4`, `.mkv`, ...
   * @param colors of each class
   */
  constructor(
    private readonly path: string,
    private readonly colors: readonly Color[],
    private readonly frameRate: number | undefined,
  ) {}

  /** @param time seconds. @throws E_VIDEO_WRITE, E_VIDEO_PACKAGE */
  async add(picture: Picture, inference: Inference, time: number): Promise<void> {
    const { mask, boxes, width, height, level } = inference;
    this.writer ??= await this.open(picture);
    const blended = boxes
      ? withBoxes(picture, boxes, this.colors)
      : blendClasses(picture, { data: mask, width, height }, this.colors);
    const data = await this.fit(blended);
    const frame: Picture = { data, ...this.size, channels: 3 };
    drawCaption(frame, level);
    await this.writeLast(time);
    this.last = { frame, time };
  }

  /** The last frame stands until so many seconds. */
  lasts(end: number): void {
    this.end = end;
  }

  /** Finishes the file, which has its name from then on. */
  async close(): Promise<void> {
    await this.writeLast(this.end);
    await this.writer?.close();
    this.writer = undefined;
  }

  /** Removes what was written, unless it is finished. */
  async discard(): Promise<void> {
    this.last = undefined;
    await this.writer?.discard();
    this.writer = undefined;
  }

  private async writeLast(end: number): Promise<void> {
    const { writer, last } = this;
    this.last = undefined;
    if (writer && last) await writer.write(last.frame, last.time, end > last.time ? end - last.time : undefined);
  }

  private open({ width, height }: Picture): Promise<VideoWriter> {
    // Colours are stored for two by two pixels.
    this.size = { width: Math.max(2, width & ~1), height: Math.max(2, height & ~1) };
    return VideoWriter.open(this.path, { ...this.size, ...QUALITY, frameRate: this.frameRate });
  }

  private async fit({ data, width, height }: Pixels): Promise<Uint8Array> {
    if (width === this.size.width && height === this.size.height) return data;
    return sharp(data, { raw: { width, height, channels: 3 } })
      .resize({ ...this.size, fit: 'contain', background: 'black' })
      .raw()
      .toBuffer();
  }
}
