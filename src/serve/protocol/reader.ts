import { fail } from '../../common/errors.js';
import { siblingModule } from '../../common/sibling-module.js';
import { WorkerPool } from '../../data/pool.js';
import { type InferRequest, readInferRequest } from './request.js';

/** A request for the reading thread. */
export interface ReadTask {
  body: Uint8Array;
  headerLength: string | undefined;
  pixels: number;
}

/** Bytes of JSON that are read in a millisecond or two. */
const SMALL_JSON = 1 << 15;
/** Bytes of floats likewise. */
const SMALL_FLOATS = 1 << 20;

/**
 * Reads inference requests: most at once; pixels written as JSON, and many floats, in a thread of its own, since nobody gets an
 * answer while a megapixel of JSON is parsed.
 */
export class RequestReader {
  private thread: WorkerPool<ReadTask, InferRequest> | undefined;
  private reading = 0;
  /** Settles when the thread is free for the next. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly limits: { pixels: number; queue: number }) {}

  /**
   * As {@link readInferRequest}. What nobody waits for any more is not read.
   *
   * @param signal aborted, with the reason that is thrown, when the client leaves or has waited for long enough
   * @throws E_SERVE_BUSY, too, where too many large requests wait to be read; the signal's reason
   */
  async read(body: Buffer, headerLength: string | undefined, signal?: AbortSignal): Promise<InferRequest> {
    const { pixels, queue } = this.limits;
    if (isQuick(body, headerLength)) return readInferRequest(body, headerLength, pixels);
    if (this.reading >= queue) {
      fail('E_SERVE_BUSY', {
        where: 'queue',
        expected: `fewer than ${queue} requests to read`,
        got: String(this.reading),
        todo: 'Send it again later, or send binary data, which takes no reading.',
      });
    }
    this.reading += 1;
    const before = this.turn;
    const read = before.then(() => {
      signal?.throwIfAborted();
      return this.inThread({ body, headerLength, pixels });
    });
    this.turn = read.catch(() => {}).finally(() => (this.reading -= 1));
    return signal ? orAborted(read, signal) : read;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.thread?.close();
  }

  private async inThread(task: ReadTask): Promise<InferRequest> {
    try {
      return await this.running().run(task);
    } catch (error) {
      // A thread that died (out of memory, say) is replaced for the next request.
      if ((error as { code?: string }).code === 'E_DATA_WORKER') this.thread = undefined;
      throw error;
    }
  }

  private running(): WorkerPool<ReadTask, InferRequest> {
    return (this.thread ??= new WorkerPool(siblingModule(import.meta.url, 'reader-worker'), undefined, 1));
  }
}

function isQuick(body: Buffer, headerLength: string | undefined): boolean {
  const json = headerLength === undefined ? body.length : Math.min(body.length, Number(headerLength) || 0);
  if (json > SMALL_JSON) return false;
  return body.length <= SMALL_FLOATS || !body.subarray(0, json).includes('"FP32"');
}

/** What a promise gives, unless the signal comes first; then its reason is thrown, and the promise goes on by itself. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
    promise.catch(() => {});
  }
}
