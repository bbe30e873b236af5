import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';
import type { IOContext } from 'node-av/lib';
import { fail } from '../common/errors.js';
import type { Library } from './library.js';

/** Bytes that FFmpeg asks for at a time. */
const PIECE = 65_536;

/**
 * Standard input by its path where it can be opened like any file, as `< street.mp4` can; undefined where it is a pipe.
 *
 * @throws E_VIDEO_OPEN for a terminal
 */
export function stdinFile(): string | undefined {
  if (isatty(0)) {
    const todo = 'Pipe a video into it: cat street.mp4 | gearnn infer -';
    fail('E_VIDEO_OPEN', { where: 'standard input', expected: 'a video', got: 'a terminal', todo });
  }
  const kind = fstatSync(0);
  return process.platform === 'win32' || kind.isFIFO() || kind.isSocket() ? undefined : '/dev/fd/0';
}

/** Standard input for FFmpeg, whose own reading of a pipe could not be ended while nothing comes. */
export class StandardInput {
  readonly context: IOContext;
  private readonly socket: Socket;
  private rest: Buffer | undefined;
  private readonly stopping = new AbortController();

  constructor(private readonly library: Library) {
    this.socket = new Socket({ fd: 0, readable: true, writable: false });
    this.socket.on('error', () => {});
    this.context = new library.IOContext();
    this.context.allocContextWithCallbacks(PIECE, 0, (size) => this.read(size));
  }

  /** Ends a wait for bytes. */
  stop(): void {
    this.stopping.abort();
  }

  close(): void {
    this.stop();
    this.socket.destroy();
    this.context.freeContext();
  }

  private async read(size: number): Promise<Buffer | number> {
    const { AVERROR_EOF, AVERROR_EXIT } = this.library.constants;
    const { signal } = this.stopping;
    while (!this.rest) {
      if (signal.aborted) return AVERROR_EXIT;
      this.rest = (this.socket.read() as Buffer | null) ?? undefined;
      if (this.rest) break;
      if (this.socket.readableEnded || this.socket.destroyed) return AVERROR_EOF;
      const waits = new AbortController();
      const either = AbortSignal.any([signal, waits.signal]);
      await Promise.race(['readable', 'end', 'close'].map((name) => once(this.socket, name, { signal: either }))).catch(
        () => {},
      );
      waits.abort();
    }
    const piece = this.rest.subarray(0, size);
    this.rest = this.rest.length > size ? this.rest.subarray(size) : undefined;
    return piece;
  }
}
