import type { CodecContext, FormatContext, Frame, Packet, Stream } from 'node-av/lib';
import { Account } from './account.js';
import { Clock } from './clock.js';
import { Coverage } from './coverage.js';
import { checkEnd } from './end.js';
import { type Library, loadLibrary } from './library.js';
import type { VideoInfo } from './picture.js';
import { isAddress, isDevice, isStdin, openAddress, openFormat, openOptions, SILENCE } from './source.js';
import { chooseStream, describe, isPlaylist, lengthOf, openDecoder, secondsOf, stampOf } from './stream.js';
import { check, refuseNoVideo, refuseOddPath } from './refuse.js';
import { StandardInput, stdinFile } from './stdin.js';
import { Watch } from './watch.js';

/** So many damaged frames in one video are no video. */
const MOST_DAMAGED = 10_000;

/** Frames of a live playlist that tell its rate. */
const LIST_RATE = '4';

export interface InputOptions {
  /** Closes the source, while it waits too. */
  signal?: AbortSignal;
  /** Seconds that it may give nothing, while it is opened or read; by default {@link SILENCE}, and for ever of standard input. */
  silence?: number;
}

/** A frame as FFmpeg decoded it; valid until the next one is asked for. */
export interface NativeFrame {
  frame: Frame;
  /** Its place among the frames of the source, with those that cannot be decoded. */
  number: number;
  /** Seconds on the source's own clock, where it says. */
  stamp: number | undefined;
  /** Seconds that it stands, where the source says. */
  duration: number | undefined;
  jpeg?: Uint8Array;
}

/** A source that FFmpeg has open, with the decoder of its best video stream. Every call that waits runs outside this thread. */
export class Input {
  readonly account: Account;
  /** Seconds that the pictures are said to last. */
  readonly length: number | undefined;
  /** Seconds from the first frame to the end of the last, so far. */
  private end = 0;
  private readonly clock: Clock;
  /** Packets so far. */
  private packets = 0;

  private constructor(
    readonly library: Library,
    readonly info: VideoInfo,
    private readonly source: string,
    private readonly format: FormatContext,
    private readonly decoder: CodecContext,
    private readonly stream: Stream,
    private readonly watch: Watch,
    private readonly stdin: StandardInput | undefined,
  ) {
    this.length = lengthOf(library, format, stream);
    const { frameRate } = info;
    this.account = new Account(frameRate && 1 / frameRate, new Coverage(format.iformat?.name === 'mpegts'));
    // Segments may each have a clock of their own.
    this.clock = new Clock(frameRate && 1 / frameRate, this.isPlaylist ? this.length : Infinity);
  }

  /** @throws E_VIDEO_PACKAGE, E_VIDEO_OPEN; the signal's reason */
  static async open(source: string, { signal, silence = SILENCE }: InputOptions = {}): Promise<Input> {
    const library = await loadLibrary();
    const { FormatContext, Dictionary, constants } = library;
    if (!isAddress(source) && !isStdin(source)) await refuseOddPath(source);
    signal?.throwIfAborted();
    const format = new FormatContext();
    // Interrupting needs something to interrupt: FFmpeg makes the context only as it opens it.
    format.allocContext();
    const watch = new Watch(format, signal, isStdin(source) ? Infinity : silence);
    const stdin = isStdin(source) && stdinFile() === undefined ? new StandardInput(library) : undefined;
    const stop = (): void => stdin?.stop();
    signal?.addEventListener('abort', stop);
    if (stdin) format.pb = stdin.context;
    try {
      const options = Dictionary.fromObject(openOptions(source, silence));
      const inputFormat = openFormat(library, source);
      await watch.over(async () => {
        check(library, await format.openInput(openAddress(source, silence), inputFormat, options), source, watch);
        // What is in a list that is still being written may be all for a while: it is not waited for more.
        if (isPlaylist(format) && format.duration <= 0n) format.setOption('fpsprobesize', LIST_RATE);
        check(library, await format.findStreamInfo(null), source, watch);
      });
      const stream = chooseStream(library, format);
      if (!stream) return refuseNoVideo(library, source, format);
      // Of a playlist with several rungs all would be downloaded; of a file all packets tell what is missing between them.
      const isFile = !isAddress(source) && !isDevice(source) && !isPlaylist(format);
      const others = isFile ? [] : format.streams.filter(({ index }) => index !== stream.index);
      for (const other of others) other.discard = constants.AVDISCARD_ALL;
      const info = describe(library, source, format, stream);
      const decoder = await openDecoder(library, stream, source, info.live);
      return new Input(library, info, source, format, decoder, stream, watch, stdin);
    } catch (error) {
      await format.closeInput();
      stdin?.close();
      throw error;
    }
  }

  /** Whether frames come many at once, out of files, rather than one by one as they happen. */
  get comesInPieces(): boolean {
    return !(isAddress(this.source) || isDevice(this.source)) || this.isPlaylist;
  }

  get isPlaylist(): boolean {
    return isPlaylist(this.format);
  }

  /**
   * Decodes to the end.
   *
   * @throws E_VIDEO_BROKEN where the file ends early, the connection breaks or nothing comes any more, after the frames before that, and
   *   at its end where frames in its middle cannot be decoded; the signal's reason
   */
  async *frames(): AsyncGenerator<NativeFrame, void> {
    const { library, decoder, stream, account } = this;
    const { Packet, Frame, constants } = library;
    const packet = new Packet();
    const frame = new Frame();
    packet.alloc();
    frame.alloc();
    const isJpeg = stream.codecpar.codecId === constants.AV_CODEC_ID_MJPEG;
    try {
      for (;;) {
        const read = await this.read(packet);
        const isEnd = read < 0;
        const jpeg = !isEnd && isJpeg && packet.data ? Uint8Array.from(packet.data) : undefined;
        if (!isEnd) this.note(packet);
        const sent = await decoder.sendPacket(isEnd ? null : packet);
        packet.unref();
        if (sent < 0 && !isEnd) account.refused();
        while (await this.decoded(frame)) {
          const at = stampOf(library, frame, stream);
          const duration = frame.duration > 0n ? secondsOf(frame.duration, stream) : undefined;
          const number = account.came(this.cameAs(frame, at));
          this.end = this.clock.next(at) + (duration ?? 0);
          yield { frame, number, stamp: at, duration, ...(jpeg && { jpeg }) };
          frame.unref();
        }
        if (!isEnd) continue;
        const { source, format, end, packets, length, watch, info } = this;
        return checkEnd({
          library,
          source,
          format,
          stream,
          read,
          account,
          end,
          packets,
          length,
          watch,
          live: info.live,
        });
      }
    } finally {
      packet.free();
      frame.free();
    }
  }

  async close(): Promise<void> {
    this.decoder.freeContext();
    await this.format.closeInput();
    this.stdin?.close();
  }

  /** The next packet of the pictures. Others are no progress. */
  private read(packet: Packet): Promise<number> {
    const { AVERROR_EAGAIN, AVERROR_EXIT } = this.library.constants;
    return this.watch.over(async () => {
      for (;;) {
        const code = await this.format.readFrame(packet);
        if (this.watch.isOver) {
          packet.unref();
          return AVERROR_EXIT;
        }
        const isOurs = packet.streamIndex === this.stream.index;
        if (code >= 0 && !this.isPlaylist) {
          this.account.coverage.add({ position: Number(packet.pos), size: packet.size, isOurs });
        }
        if (code >= 0 && isOurs) return code;
        if (code >= 0) packet.unref();
        else if (code !== AVERROR_EAGAIN) return code;
        else await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
  }

  private note(packet: Packet): void {
    this.packets++;
    // In a file a counter that jumps may come of two files put together; there missing bytes tell.
    const isCorrupt = isAddress(this.source) && packet.hasFlags(this.library.constants.AV_PKT_FLAG_CORRUPT);
    this.account.sent({ stamp: this.known(packet.pts), isKey: packet.isKeyframe, isCorrupt });
  }

  private cameAs(frame: Frame, time: number | undefined) {
    const { AV_FRAME_FLAG_CORRUPT } = this.library.constants;
    const isDamaged = frame.hasFlags(AV_FRAME_FLAG_CORRUPT) || frame.decodeErrorFlags !== 0;
    return { stamp: this.known(frame.pts), time, isDamaged };
  }

  private known(stamp: bigint): bigint | undefined {
    return stamp === this.library.constants.AV_NOPTS_VALUE ? undefined : stamp;
  }

  /** Whether the decoder had another frame. Frames behind a damaged one may be whole. */
  private async decoded(frame: Frame): Promise<boolean> {
    const { AVERROR_EAGAIN, AVERROR_EOF } = this.library.constants;
    for (;;) {
      const code = await this.decoder.receiveFrame(frame);
      if (code >= 0) return true;
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return false;
      this.account.refused();
      if (this.account.refusals > MOST_DAMAGED) return false;
    }
  }
}
