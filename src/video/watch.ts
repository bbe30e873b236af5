import type { FormatContext } from 'node-av/lib';

/** Longest time that Node's timers take; a watch of more never ends. */
const LONGEST = 2 ** 31 - 1;

/** Ends a wait of FFmpeg's where the signal says so, or where it lasts too long. */
export class Watch {
  /** Whether a wait lasted too long. */
  isOver = false;

  /** @param seconds that a wait may last */
  constructor(
    private readonly format: FormatContext,
    private readonly signal: AbortSignal | undefined,
    readonly seconds: number,
  ) {}

  /** Waits for `work`, which FFmpeg gives up with an error code where it is interrupted. @throws the signal's reason */
  async over<T>(work: () => Promise<T>): Promise<T> {
    const { format, signal, seconds } = this;
    signal?.throwIfAborted();
    const interrupt = (): void => format.interrupt();
    const late = (): void => {
      this.isOver = true;
      interrupt();
    };
    signal?.addEventListener('abort', interrupt);
    const timer = seconds * 1000 < LONGEST ? setTimeout(late, seconds * 1000) : undefined;
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupt);
      signal?.throwIfAborted();
    }
  }
}
