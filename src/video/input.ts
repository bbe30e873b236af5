import { stat } from 'node:fs/promises';
import type { CodecContext, FormatContext, Frame, Packet, Stream } from 'node-av/lib';
import { fail } from '../common/errors.js';
import { type Library, loadLibrary, reasonOf } from './library.js';
import type { VideoInfo } from './picture.js';
import { isAddress, openAddress, openOptions, shownSource } from './source.js';
import { chooseStream, describe, isPlaylist, lengthOf, openDecoder, secondsOf, stampOf } from './stream.js';
import { otherContent } from './other-content.js';

/** Seconds by which the last frame may end before the header says. */
const TOLERANCE = 0.5;

/** So many damaged frames in one video are no video. */
const MOST_DAMAGED = 10_000;

/** A frame as FFmpeg decoded it; valid until the next one is asked for. */
export interface NativeFrame {
  frame: Frame;
  /** Seconds on the source's own clock, where it says. */
  stamp: number | undefined;
  jpeg?: Uint8Array;
}

/** What was decoded so far. */
interface Seen {
  frames: number;
  /** Packets that the decoder refused. */
  damaged: number;
  /** Seconds on the source's clock. */
  first: number | undefined;
  /** Seconds from the first frame to the end of the last. */
  end: number;
}

/** A source that FFmpeg has open, with the decoder of its best video stream. Every call that waits runs outside this thread. */
export class Input {
  private constructor(
    readonly library: Library,
    readonly info: VideoInfo,
    private readonly source: string,
    private readonly format: FormatContext,
    private readonly decoder: CodecContext,
    private readonly stream: Stream,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /**
   * @param signal closes the source, while it waits for the network too
   * @throws E_VIDEO_PACKAGE, E_VIDEO_OPEN; the signal's reason
   */
  static async open(source: string, signal?: AbortSignal): Promise<Input> {
    const library = await loadLibrary();
    const { FormatContext, Dictionary, constants } = library;
    if (!isAddress(source)) await refuseOddPath(source);
    signal?.throwIfAborted();
    const format = new FormatContext();
    // Interrupting needs something to interrupt: FFmpeg makes the context only as it opens it.
    format.allocContext();
    const interrupt = (): void => format.interrupt();
    signal?.addEventListener('abort', interrupt);
    try {
      const options = Dictionary.fromObject(openOptions(source));
      check(library, await format.openInput(openAddress(source), null, options), source, signal);
      check(library, await format.findStreamInfo(null), source, signal);
      const stream = chooseStream(library, format);
      if (!stream) return refuseNoVideo(source, format.streams.length);
      // Of a playlist with several rungs all would be downloaded.
      for (const other of format.streams) if (other.index !== stream.index) other.discard = constants.AVDISCARD_ALL;
      const info = describe(library, source, format, stream);
      const decoder = await openDecoder(library, stream, source, info.live);
      return new Input(library, info, source, format, decoder, stream, signal);
    } catch (error) {
      await format.closeInput();
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
  }

  /** Whether frames come many at once, out of files, rather than one by one as they happen. */
  get comesInPieces(): boolean {
    return !isAddress(this.source) || isPlaylist(this.format);
  }

  /**
   * Decodes to the end.
   *
   * @throws E_VIDEO_BROKEN where the file ends early or the connection breaks, after the frames before that; the signal's reason
   */
  async *frames(): AsyncGenerator<NativeFrame, void> {
    const { library, format, decoder, stream, signal } = this;
    const { Packet, Frame, constants } = library;
    const packet = new Packet();
    const frame = new Frame();
    packet.alloc();
    frame.alloc();
    const interrupt = (): void => format.interrupt();
    signal?.addEventListener('abort', interrupt);
    const isJpeg = stream.codecpar.codecId === constants.AV_CODEC_ID_MJPEG;
    const seen: Seen = { frames: 0, damaged: 0, first: undefined, end: 0 };
    try {
      for (;;) {
        const read = await this.read(packet);
        signal?.throwIfAborted();
        const isEnd = read < 0;
        const isOurs = packet.streamIndex === stream.index;
        const jpeg = !isEnd && isOurs && isJpeg && packet.data ? Uint8Array.from(packet.data) : undefined;
        const sent = isEnd || isOurs ? await decoder.sendPacket(isEnd ? null : packet) : 0;
        packet.unref();
        if (sent < 0 && !isEnd) seen.damaged++;
        while (await this.decoded(frame, seen)) {
          const stamp = stampOf(library, frame, stream);
          count(seen, stamp, secondsOf(frame.duration, stream));
          yield { frame, stamp, ...(jpeg && { jpeg }) };
          frame.unref();
        }
        if (isEnd) return this.checkEnd(read, seen);
      }
    } finally {
      signal?.removeEventListener('abort', interrupt);
      packet.free();
      frame.free();
    }
  }

  async close(): Promise<void> {
    this.decoder.freeContext();
    await this.format.closeInput();
  }

  private async read(packet: Packet): Promise<number> {
    const { AVERROR_EAGAIN } = this.library.constants;
    for (;;) {
      const code = await this.format.readFrame(packet);
      if (code !== AVERROR_EAGAIN || this.signal?.aborted) return code;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Whether the decoder had another frame. Frames behind a damaged one may be whole. */
  private async decoded(frame: Frame, seen: Seen): Promise<boolean> {
    const { AVERROR_INVALIDDATA } = this.library.constants;
    for (;;) {
      const code = await this.decoder.receiveFrame(frame);
      this.signal?.throwIfAborted();
      if (code >= 0) return true;
      if (code !== AVERROR_INVALIDDATA || ++seen.damaged > MOST_DAMAGED) return false;
    }
  }

  /** FFmpeg calls the end of a file that was cut off an end like any other. @throws E_VIDEO_BROKEN */
  private checkEnd(read: number, { frames, damaged, end }: Seen): void {
    const { library, format, stream, source } = this;
    const missing = (lengthOf(library, format, stream) ?? 0) - end;
    const broken = (reason: string): never =>
      fail('E_VIDEO_BROKEN', {
        where: shownSource(source),
        expected: 'a video that can be read to its end',
        got: `${reason} after ${frames} frames`,
        todo: isAddress(source) ? 'Check the connection and the server.' : 'Copy or download the file again.',
      });
    if (read !== library.constants.AVERROR_EOF) broken(reasonOf(library, read));
    if (frames === 0) broken(damaged > 0 ? 'nothing but damaged frames' : 'its end');
    if (missing > TOLERANCE) broken(`its end ${missing.toFixed(1)} s too early,`);
  }
}

function count(seen: Seen, stamp: number | undefined, duration: number): void {
  seen.frames++;
  if (stamp === undefined) return;
  seen.first ??= stamp;
  seen.end = Math.max(seen.end, stamp - seen.first + duration);
}

function check(library: Library, code: number, source: string, signal?: AbortSignal): void {
  signal?.throwIfAborted();
  if (code >= 0) return;
  const other = isAddress(source) ? undefined : otherContent(source);
  if (other) {
    const { name: got, todo } = other;
    fail('E_VIDEO_OPEN', { where: source, expected: 'a whole video file', got, todo: todo ?? 'Correct the path.' });
  }
  fail('E_VIDEO_OPEN', {
    where: shownSource(source),
    expected: isAddress(source) ? 'a video stream that can be reached' : 'a whole video file',
    got: reasonOf(library, code),
    todo: isAddress(source)
      ? 'Check the address, the server and the connection.'
      : 'Copy or download the file again, or convert it with ffmpeg.',
  });
}

/** Says what FFmpeg would call `No such file` or `Invalid data` in plain words. */
async function refuseOddPath(source: string): Promise<void> {
  const kind = await stat(source).catch(() => undefined);
  if (kind?.isFile() && kind.size > 0) return;
  if (kind && !kind.isFile() && !kind.isDirectory()) return; // A pipe or a camera.
  const got = kind === undefined ? 'nothing of that name' : kind.isDirectory() ? 'a folder' : 'an empty file';
  fail('E_VIDEO_OPEN', { where: source, expected: 'a video file', got });
}

function refuseNoVideo(source: string, streams: number): never {
  fail('E_VIDEO_OPEN', {
    where: shownSource(source),
    expected: 'a file or stream with pictures in it',
    got: streams === 0 ? 'one with nothing in it' : 'one with sound or other data only',
  });
}
