import type { Worker } from 'node:worker_threads';
import { GearnnError } from '../common/errors.js';
import { unpackError, type WireError } from '../common/wire.js';

/** What a worker answers: `transfer` moves with it instead of being copied. */
export type Reply<Result> = { task: number; result: Result } | { task: number; error: WireError };

interface Waiting<Result> {
  resolve(result: Result): void;
  reject(error: Error): void;
}

interface Seat<Result> {
  worker: Worker;
  waiting: Map<number, Waiting<Result>>;
}

/**
 * Worker threads that answer tasks (the other side is `serveTasks`). A thread that dies fails every task in hand and all later
 * ones; nothing hangs. Idle threads do not keep the process alive.
 */
export class WorkerPool<Task, Result> {
  private readonly seats: Seat<Result>[];
  private tasks = 0;
  private failure: Error | undefined;

  /**
   * @param start starts one thread, whose module calls `serveTasks`
   */
  constructor(start: () => Worker, count: number) {
    this.seats = Array.from({ length: count }, () => this.seat(start()));
  }

  /** @throws what the task threw in its thread; E_DATA_WORKER if a thread died; E_DATA_CLOSED after {@link close} */
  run(task: Task): Promise<Result> {
    if (this.failure) return Promise.reject(this.failure);
    const seat = this.seats.reduce((least, next) => (next.waiting.size < least.waiting.size ? next : least));
    const id = this.tasks++;
    return new Promise((resolve, reject) => {
      seat.waiting.set(id, { resolve, reject });
      seat.worker.ref();
      seat.worker.postMessage({ id, task });
    });
  }

  /** Ends the threads; tasks in hand fail with E_DATA_CLOSED. Closing twice is fine. */
  async close(): Promise<void> {
    this.stop(closedError());
    await Promise.all(this.seats.map(({ worker }) => worker.terminate()));
  }

  private seat(worker: Worker): Seat<Result> {
    const seat: Seat<Result> = { worker, waiting: new Map() };
    worker.unref();
    worker.on('message', (reply: Reply<Result>) => {
      const waiting = seat.waiting.get(reply.task);
      seat.waiting.delete(reply.task);
      // Once closed, its end is waited for, which a process with nothing else to do would not stay for.
      if (seat.waiting.size === 0 && !this.failure) worker.unref();
      if ('error' in reply) waiting?.reject(unpackError(reply.error));
      else waiting?.resolve(reply.result);
    });
    worker.on('error', (error) => this.stop(deathError(error)));
    worker.on('messageerror', (error) => this.stop(deathError(error)));
    worker.on('exit', (code) => this.stop(deathError(new Error(`it exited with code ${code}`))));
    return seat;
  }

  private stop(reason: Error): void {
    if (this.failure) return;
    this.failure = reason;
    for (const { worker, waiting } of this.seats) {
      for (const { reject } of waiting.values()) reject(reason);
      waiting.clear();
      void worker.terminate();
    }
  }
}

function closedError(): GearnnError {
  return new GearnnError('E_DATA_CLOSED', {
    where: 'batches',
    expected: 'an open loader',
    got: 'one that was closed',
    todo: 'Close it only when no batch is wanted any more.',
  });
}

function deathError(cause: Error): GearnnError {
  return new GearnnError('E_DATA_WORKER', {
    where: 'decoding thread',
    expected: 'a thread that runs until it is closed',
    got: `its end (${cause.message})`,
    todo: 'Memory may have run out: try fewer --workers or smaller batches.',
    cause,
  });
}
