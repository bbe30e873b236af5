import type { Worker } from 'node:worker_threads';
import { GearnnError } from '../common/errors.js';
import { endThread, giveThread, takeThread } from './idle-threads.js';
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
   * @param entry the module that the threads run, which calls `serveTasks`
   * @param data what it prepares for
   */
  constructor(
    private readonly entry: URL,
    data: unknown,
    count: number,
  ) {
    this.seats = Array.from({ length: count }, () => this.seat(takeThread(entry, data)));
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

  /** Gives the threads back, and ends those with tasks in hand, which fail with E_DATA_CLOSED. Closing twice is fine. */
  async close(): Promise<void> {
    const free = this.failure ? [] : this.seats.filter(({ waiting }) => waiting.size === 0);
    this.stop(closedError(), free);
    const given = free.map(({ worker }) => giveThread(this.entry, worker));
    const ended = this.seats.filter((seat) => !free.includes(seat)).map(({ worker }) => endThread(worker));
    await Promise.all([...given, ...ended]);
  }

  private seat(worker: Worker): Seat<Result> {
    const seat: Seat<Result> = { worker, waiting: new Map() };
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

  /** @param spared seats whose threads live on */
  private stop(reason: Error, spared: Seat<Result>[] = []): void {
    if (this.failure) return;
    this.failure = reason;
    for (const seat of this.seats) {
      for (const { reject } of seat.waiting.values()) reject(reason);
      seat.waiting.clear();
      if (!spared.includes(seat)) void endThread(seat.worker);
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
