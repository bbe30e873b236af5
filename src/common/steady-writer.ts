import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How much a text matters where its reader does not keep up: a `result` waits for as long as it takes, a `message` while there is
 * room, and `progress` is left out while anything else waits.
 */
export type Weight = 'result' | 'message' | 'progress';

export interface SteadyWriterOptions {
  /** Bytes of messages that wait at most; what comes beyond is left out. Default: 1 MiB. */
  room?: number;
  /** Called with the first failure to write, and again after each change of its code. */
  onError?: (error: NodeJS.ErrnoException) => void;
}

interface Waiting {
  bytes: Uint8Array;
  weight: Weight;
}

/** Milliseconds between two tries: a reader that reads gets the next piece at once, one that does not costs nothing. */
const [SHORTEST, LONGEST] = [1, 32];

/**
 * Writes to an open file, pipe, socket or terminal so that the caller never waits and never fails: what the reader does not
 * take waits in memory, and what cannot be written (the reader left, the terminal is gone, the disk is full) is left out.
 */
export class SteadyWriter {
  /** What the first result that is not whole failed with. */
  resultError: NodeJS.ErrnoException | undefined;
  /** Texts that were left out for want of room. */
  dropped = 0;
  private readonly queue: Waiting[] = [];
  private bytesWaiting = 0;
  private readonly fd: number;
  private readonly owned: boolean;
  private timer: NodeJS.Timeout | undefined;
  private pause = SHORTEST;
  private lastCode: string | undefined;
  private left = false;

  /** @param fd stays open, with its flags as they are */
  constructor(
    fd: number,
    private readonly options: SteadyWriterOptions = {},
  ) {
    const own = openUnblocked(fd);
    this.owned = own !== undefined;
    this.fd = own ?? fd;
  }

  /** Whether nothing waits. */
  get idle(): boolean {
    return this.queue.length === 0;
  }

  /** Whether nobody reads any more, nor will. */
  get readerLeft(): boolean {
    return this.left;
  }

  write(text: string | Uint8Array, weight: Weight = 'message'): void {
    if (this.left) return;
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    if (weight !== 'result' && !this.idle) {
      const { room = 1 << 20 } = this.options;
      if (weight === 'progress' || this.bytesWaiting + bytes.length > room) {
        this.dropped++;
        return;
      }
    }
    this.queue.push({ bytes, weight });
    this.bytesWaiting += bytes.length;
    // While something waits, the clock tries again; a try for every text would be a system call each.
    if (!this.timer) this.pump();
  }

  /**
   * Waits until all is written or cannot be: for results as long as the reader takes, for the rest `patience` milliseconds.
   *
   * @throws AbortError when `signal` is aborted while it waits
   */
  async settle(patience: number, signal?: AbortSignal): Promise<void> {
    const until = performance.now() + patience;
    const waits = (): boolean => this.queue.some(({ weight }) => weight === 'result') || performance.now() < until;
    while (!this.idle && waits()) {
      await sleep(this.pause, undefined, { signal });
      this.pump();
    }
  }

  /** As {@link settle} for messages, where the caller cannot wait otherwise: the thread stands still meanwhile. */
  settleSync(patience: number): void {
    const until = performance.now() + patience;
    const never = new Int32Array(new SharedArrayBuffer(4));
    for (this.pump(); !this.idle && performance.now() < until; this.pump()) Atomics.wait(never, 0, 0, this.pause);
  }

  /** Leaves out what waits, and closes what was opened here. */
  close(): void {
    clearTimeout(this.timer);
    this.queue.length = this.bytesWaiting = 0;
    if (this.owned) closeSync(this.fd);
  }

  /** Writes what waits for as long as that takes no waiting. */
  private pump(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (let next = this.queue[0]; next; next = this.queue[0]) {
      try {
        const written = writeSync(this.fd, next.bytes);
        this.lastCode = undefined;
        this.pause = SHORTEST;
        this.bytesWaiting -= written;
        if (written < next.bytes.length) next.bytes = next.bytes.subarray(written);
        else this.queue.shift();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') {
          this.timer = setTimeout(() => this.pump(), this.pause).unref();
          this.pause = Math.min(LONGEST, 2 * this.pause);
          return;
        }
        this.leaveOut(next, error as NodeJS.ErrnoException);
      }
    }
  }

  private leaveOut({ bytes, weight }: Waiting, error: NodeJS.ErrnoException): void {
    this.queue.shift();
    this.bytesWaiting -= bytes.length;
    // Nothing comes of a text that follows: whoever read has read enough.
    this.left = error.code === 'EPIPE';
    if (weight === 'result') this.resultError ??= error;
    if (error.code === this.lastCode) return;
    this.lastCode = error.code;
    this.options.onError?.(error);
  }
}

/** Whether a path leads to a pipe, a terminal or another device: something that holds nothing which writing could destroy. */
export function isStream(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isDirectory();
}

/** Whether two open files are the same one: `2>&1`. */
export function isSameFile(a: number, b: number): boolean {
  try {
    const [first, second] = [fstatSync(a, { bigint: true }), fstatSync(b, { bigint: true })];
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false;
  }
}

/**
 * Opens a pipe or terminal a second time, so that a write never waits: whether it does belongs to the opening, which is shared
 * with other programs. A regular file keeps its opening, as its position belongs to that too, and its writes do not wait.
 *
 * @returns undefined where `fd` is to be used itself
 */
function openUnblocked(fd: number): number | undefined {
  try {
    const stat = fstatSync(fd);
    if (!stat.isFIFO() && !stat.isCharacterDevice()) return undefined;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // No /proc, another user's terminal, a pipe without a reader.
    return undefined;
  }
}
