import type { Worker } from 'node:worker_threads';
import { GearnnError } from '../common/errors.js';
import { startWorker } from '../common/start-worker.js';
import { unpackError } from '../common/wire.js';
import type { DecodeTask, Order, Report } from './messages.js';
import type { VideoFrame, VideoInfo } from './picture.js';
import { shownSource } from './source.js';

export interface ReadVideoOptions {
  /**
   * Whether the newest frame counts: frames that come faster than they are asked for are dropped and counted. Unless said, that of a
   * live source (RTSP, a playlist without an end, and what else comes over HTTP without saying how long it lasts); the frames of a file
   * come all.
   */
  live?: boolean;
  /** Closes the source, while it waits for the network too. */
  signal?: AbortSignal;
}

/** A video that is open. */
export interface VideoReader extends AsyncIterable<VideoFrame> {
  readonly info: VideoInfo;
  /** Frames dropped so far. */
  readonly dropped: number;
  /** Ends the thread and closes the source; leaving a loop over the frames does the same. Closing twice is fine. */
  close(): Promise<void>;
}

/**
 * Opens a video: a file, an HLS or DASH playlist, an RTSP address or anything else that FFmpeg reads. It is read and decoded in a
 * thread of its own, one frame ahead.
 *
 * ```ts
 * for await (const { picture, time } of await openVideo('street.mp4')) { ... }
 * ```
 *
 * Each frame has its own size, which changes where that of the stream does. The frames can be gone through once.
 *
 * @throws E_VIDEO_PACKAGE, E_VIDEO_OPEN; while reading E_VIDEO_BROKEN, after all frames before the break; the signal's reason
 */
export async function openVideo(source: string, { live, signal }: ReadVideoOptions = {}): Promise<VideoReader> {
  signal?.throwIfAborted();
  const thread = new DecodingThread({ source, live }, signal);
  const opened = await thread.report();
  if (opened.kind === 'open') return thread.reader(opened.info);
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

  constructor(
    private readonly task: DecodeTask,
    private readonly signal: AbortSignal | undefined,
  ) {
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.worker = startWorker(new URL(`./decode-worker.${ending}`, import.meta.url), task);
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

  reader(info: VideoInfo): VideoReader {
    const [dropped, close] = [() => this.dropped, () => this.close()];
    return {
      info,
      close,
      get dropped() {
        return dropped();
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
        if (report.kind === 'error') throw unpackError(report.error);
        if (report.kind === 'open') continue;
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
