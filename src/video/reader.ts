import type { Worker } from 'node:worker_threads';
import { GearnnError } from '../common/errors.js';
import { siblingModule } from '../common/sibling-module.js';
import { startWorker } from '../common/start-worker.js';
import { unpackError } from '../common/wire.js';
import type { Damage, DecodeOptions, DecodeTask, Order, Report } from './messages.js';
import type { VideoFrame, VideoInfo } from './picture.js';
import { shownSource } from './source.js';

export interface ReadVideoOptions extends DecodeOptions {
  /** Told why a source is opened again. */
  onBreak?: (error: Error) => void;
  /** Closes the source, while it waits for the network too. */
  signal?: AbortSignal;
}

/** A video that is open. */
export interface VideoReader extends AsyncIterable<VideoFrame> {
  readonly info: VideoInfo;
  /** Frames dropped so far. */
  readonly dropped: number;
  /** Frames that were damaged, by their numbers; known at the end. */
  readonly damage: Damage;
  /** Seconds that the pictures last, where the header says. */
  readonly length: number | undefined;
  /** Ends the thread and closes the source; leaving a loop over the frames does the same. Closing twice is fine. */
  close(): Promise<void>;
}

/**
 * Opens a video: a file, an HLS or DASH playlist, an RTSP address or anything else that FFmpeg reads. It is read and decoded in a
 * thread of its own, one frame ahead. `-` is standard input, `/dev/video0` a camera of this machine.
 *
 * ```ts
 * for await (const { picture, time } of await openVideo('street.mp4')) { ... }
 * ```
 *
 * Each frame has its own size, which changes where that of the stream does. The frames can be gone through once.
 *
 * @throws E_VIDEO_PACKAGE, E_VIDEO_OPEN; while reading E_VIDEO_BROKEN, after all frames before the break, or
 *   at the end where frames in the middle are damaged; the signal's reason
 */
export async function openVideo(source: string, options: ReadVideoOptions = {}): Promise<VideoReader> {
  const { signal, onBreak, ...task } = options;
  signal?.throwIfAborted();
  const thread = new DecodingThread({ source, ...task }, signal, onBreak);
  const opened = await thread.report();
  if (opened.kind === 'open') return thread.reader(opened.info, opened.length);
  await thread.close();
  signal?.throwIfAborted();
  throw opened.kind === 'error'
    ? unpackError(opened.error)
    : new Error(`${shownSource(source)} ended while it was opened`);
}

class DecodingThread {
  private readonly worker: Worker;
  private readonly reports: Report[] = [];
  private waiting: ((report: Report) => void) | undefined;
  private readonly ended: Promise<void>;
  private readonly stop = (): void => this.order('stop');
  private dropped = 0;
  private damage: Damage = { lost: [], damaged: [] };

  constructor(
    private readonly task: DecodeTask,
    private readonly signal: AbortSignal | undefined,
    private readonly onBreak: ((error: Error) => void) | undefined,
  ) {
    this.worker = startWorker(siblingModule(import.meta.url, 'decode-worker'), task);
    this.worker.on('message', (report: Report) => this.arrived(report));
    this.ended = new Promise((resolve) => {
      this.worker.once('error', (cause) => this.died(cause));
      this.worker.once('exit', () => {
        this.died('the thread ended');
        resolve();
      });
    });
    signal?.addEventListener('abort', this.stop);
  }

  /** The next report, once there is one. */
  report(): Promise<Report> {
    const next = this.reports.shift();
    return next ? Promise.resolve(next) : new Promise((resolve) => (this.waiting = resolve));
  }

  reader(info: VideoInfo, length: number | undefined): VideoReader {
    const [dropped, damage, close] = [() => this.dropped, () => this.damage, () => this.close()];
    return {
      ...{ info, length, close },
      get dropped() {
        return dropped();
      },
      get damage() {
        return damage();
      },
      [Symbol.asyncIterator]: () => this.frames(),
    };
  }

  async close(): Promise<void> {
    this.signal?.removeEventListener('abort', this.stop);
    this.stop();
    await this.ended;
  }

  private async *frames(): AsyncGenerator<VideoFrame, void> {
    try {
      for (;;) {
        this.order('next');
        const report = await this.report();
        this.signal?.throwIfAborted();
        if (report.kind === 'end' || report.kind === 'error') this.damage = report.damage ?? this.damage;
        if (report.kind === 'error') throw unpackError(report.error);
        if (report.kind === 'open' || report.kind === 'break') continue;
        this.dropped = Math.max(this.dropped, report.dropped);
        if (report.kind === 'end') return;
        yield report.frame;
      }
    } finally {
      await this.close();
    }
  }

  private order(order: Order): void {
    this.worker.postMessage(order);
  }

  private arrived(report: Report): void {
    if (report.kind === 'break') return void this.onBreak?.(unpackError(report.error) as Error);
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting) waiting(report);
    else this.reports.push(report);
  }

  /** Nobody who waits for a thread that is no more waits for ever; after the last report of its own nobody waits. */
  private died(cause: unknown): void {
    const parts = {
      expected: 'a thread that decodes to the end',
      got: cause instanceof Error ? cause.message : String(cause),
    };
    const error = new GearnnError('E_VIDEO_BROKEN', { where: shownSource(this.task.source), ...parts, cause });
    this.arrived({ kind: 'error', error: { kind: 'gearnn', code: error.code, parts: error.parts } });
  }
}
