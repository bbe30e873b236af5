import { rename, rm } from 'node:fs/promises';
import { basename, dirname, parse } from 'node:path';
import type { FormatContext, Packet, Stream } from 'node-av/lib';
import { fail } from '../common/errors.js';
import { type EncoderOptions, H264Encoder, TICKS } from './encoder.js';
import { loadLibrary, reasonOf } from './library.js';
import type { Picture } from './picture.js';
import { fileAddress } from './source.js';
import { temporaryPath } from '../common/files.js';
import { makeFolder } from '../common/folders.js';
import { systemCodeInWords, systemErrorOf } from '../common/system-error.js';

/** Containers by their extensions; others store neither times nor the order of H.264's frames well. */
const CONTAINERS = ['.mp4', '.m4v', '.mov', '.mkv', '.ts'];
/** Of these, those with an index that can be moved to the beginning. */
const INDEXED = ['.mp4', '.m4v', '.mov'];

/** @throws E_VIDEO_WRITE for a file whose extension names no container that {@link VideoWriter} writes */
export function checkContainer(path: string): void {
  const { ext } = parse(path);
  if (CONTAINERS.includes(ext.toLowerCase())) return;
  const expected = `the name of a video (${CONTAINERS.join(', ')})`;
  fail('E_VIDEO_WRITE', { where: path, expected, got: ext === '' ? 'none with an extension' : `the extension ${ext}` });
}

export type WriteVideoOptions = Omit<EncoderOptions, 'globalHeader'>;

/**
 * Writes pictures into a video file, H.264 in the container of the file's extension; an mp4 begins with its index, so that it
 * plays while it loads. Until {@link VideoWriter.close} the file has a temporary name beside its own.
 */
export class VideoWriter {
  /** Frames written. */
  count = 0;
  private last = -1;
  private isOpen = true;

  private constructor(
    readonly path: string,
    private readonly temporary: string,
    private readonly encoder: H264Encoder,
    private readonly format: FormatContext,
    private readonly stream: Stream,
  ) {}

  /** @throws E_VIDEO_PACKAGE; E_VIDEO_WRITE for an extension, a size or a setting that does not go; the system's error for the place */
  static async open(path: string, options: WriteVideoOptions): Promise<VideoWriter> {
    const library = await loadLibrary();
    const { FormatContext, Dictionary, Rational } = library;
    const { ext } = parse(path);
    const temporary = temporaryPath(path, `partial${ext}`);
    checkContainer(path);
    const format = new FormatContext();
    const encoder = await H264Encoder.open({ ...options, globalHeader: true });
    try {
      format.allocOutputContext2(null, null, fileAddress(temporary));
      await makeFolder(dirname(path));
      const stream = format.newStream(null);
      stream.codecpar.fromContext(encoder.context);
      stream.timeBase = new Rational(1, TICKS);
      stream.avgFrameRate = encoder.context.framerate;
      const flags = INDEXED.includes(ext.toLowerCase()) ? Dictionary.fromObject({ movflags: '+faststart' }) : null;
      const code = Math.min(await format.openOutput(), 0) || (await format.writeHeader(flags));
      if (code < 0) refuse(path, reasonOf(library, code));
      return new VideoWriter(path, temporary, encoder, format, stream);
    } catch (error) {
      encoder.close();
      await format.closeOutput();
      format.freeContext();
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /**
   * @param picture of the size that was said
   * @param time seconds; a time that is not after the last one becomes the next tick
   * @param duration seconds that it stands, which counts for the last one: others stand until the next. Default: one frame of the rate
   * @throws E_SHAPE, E_VIDEO_WRITE
   */
  async write(picture: Picture, time: number, duration?: number): Promise<void> {
    this.last = Math.max(Math.round(time * TICKS), this.last + 1);
    await this.save(await this.encoder.encode(picture, this.last / TICKS, duration));
    this.count++;
  }

  /** Finishes the file and gives it its name. @throws E_VIDEO_WRITE; the file is removed then, as it is where no frame was written */
  async close(): Promise<void> {
    if (this.count === 0) return this.discard();
    try {
      await this.save(await this.encoder.encode(null));
      const code = await this.format.writeTrailer();
      if (code < 0) refuse(this.path, reasonOf(this.encoder.library, code));
    } catch (error) {
      await this.discard();
      throw error;
    }
    await this.release();
    await rename(this.temporary, this.path);
  }

  /** Gives up the file, and removes what was written; does nothing to one that is finished. */
  async discard(): Promise<void> {
    await this.release();
    await rm(this.temporary, { force: true });
  }

  private async save(packets: Packet[]): Promise<void> {
    const { library } = this.encoder;
    const ticks = { num: 1, den: TICKS };
    let code = 0;
    for (const packet of packets) {
      packet.streamIndex = this.stream.index;
      packet.rescaleTs(ticks, this.stream.timeBase);
      if (code >= 0) code = await this.format.interleavedWriteFrame(packet);
      packet.free();
    }
    if (code < 0) refuse(this.path, reasonOf(library, code));
  }

  private async release(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.encoder.close();
    await this.format.closeOutput();
    this.format.freeContext();
  }
}

function refuse(path: string, got: string): never {
  const system = systemCodeInWords(got);
  if (system !== undefined) throw systemErrorOf(system, path);
  fail('E_VIDEO_WRITE', { where: basename(path), expected: 'a place where a video can be written', got });
}
