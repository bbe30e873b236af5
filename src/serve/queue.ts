import { fail } from '../common/errors.js';
import type { Frame, FrameRequest, Inference } from './inference.js';
import type { Limits } from './limits.js';
import { type Settle, waitFor } from './waiting.js';

/** One frame to infer, and who waits for it. */
export interface Job {
  /** Name of the network. */
  model: string;
  frame: Frame;
  width: number;
  height: number;
  level?: string;
  stream?: string;
  /** The frame is its stream's first, or its last. */
  start?: boolean;
  end?: boolean;
  /** Jobs of one line run in their order; lines take turns. */
  line: string;
  /** Seconds until the answer is worth nothing. */
  deadline: number;
  /** `performance.now()` from which they count, where the request has been at work before. Default: now. */
  since?: number;
  /** Aborted when the client leaves. */
  signal?: AbortSignal;
  /** Called where the frame was taken and never runs: its deadline passed or its client left before its turn. */
  onDrop?(): void;
}

/** An answer, and how long its frame waited for the engine. */
export interface Answer extends Inference {
  /** Milliseconds in the queue. */
  waited: number;
}

export interface QueueOptions {
  limits: Pick<Limits, 'queue' | 'queueBytes' | 'batch' | 'batchDelay' | 'pixels'>;
  /** Runs frames of one network and one size; answers in their order. The signal says that nobody waits for any of them any more. */
  run(model: string, requests: FrameRequest[], signal: AbortSignal): Promise<(Inference | Error)[]>;
}

interface Entry {
  job: Job;
  bytes: number;
  /** `performance.now()` of its arrival. */
  since: number;
  settle: Settle<Answer>;
  /** Nobody waits for the answer any more: it was given up. */
  isOver?: true;
}

/** Milliseconds that a frame is thought to take before any has run. */
const FIRST_GUESS = 200;

/**
 * What waits for the engine: bounded, with a deadline per job, and fair between lines (a camera, a connection), of which each
 * gets one frame a turn. One batch runs at a time, of the frames of one size that are next in their lines.
 */
export class Queue {
  /** Lines with waiting jobs, in the order of their turns. */
  private readonly lines = new Map<string, Entry[]>();
  private waiting = 0;
  private bytes = 0;
  private running = 0;
  /** What runs, and the way to say that nobody waits for any of it. */
  private batch: readonly Entry[] = [];
  private abandon = new AbortController();
  private paused = true;
  private wake: NodeJS.Timeout | undefined;
  /** Milliseconds per frame, averaged over the latest. */
  private pace = FIRST_GUESS;

  constructor(private readonly options: QueueOptions) {}

  /** Jobs that wait, without those that run. */
  get length(): number {
    return this.waiting;
  }

  /** Seconds until a job that came now would run, as far as can be told. */
  get backlog(): number {
    return ((this.waiting + this.running) * this.pace) / 1000;
  }

  /** Lets jobs run, or keeps them waiting while there is no engine. */
  set open(open: boolean) {
    this.paused = !open;
    this.next();
  }

  /**
   * Waits for a frame's answer.
   *
   * @throws E_SERVE_BUSY at once if the queue is full, E_SERVE_DEADLINE, E_SERVE_LEFT if the signal was aborted; what the frame's run
   *   failed with
   */
  submit(job: Job): Promise<Answer> {
    const { limits } = this.options;
    const bytes = job.frame instanceof Uint8Array ? job.frame.length : job.frame.data.length;
    if (this.waiting >= limits.queue || (this.waiting > 0 && this.bytes + bytes > limits.queueBytes)) {
      fail('E_SERVE_BUSY', {
        where: 'queue',
        expected: `fewer than ${limits.queue} requests and ${limits.queueBytes} bytes waiting`,
        got: `${this.waiting} requests with ${this.bytes} bytes`,
        todo: 'Send it again later.',
      });
    }
    const { deadline, signal } = job;
    const since = performance.now();
    return waitFor<Answer>({ deadline, signal, passed: since - (job.since ?? since) }, (settle) => {
      const entry: Entry = { job, bytes, since, settle };
      this.lines.set(job.line, [...(this.lines.get(job.line) ?? []), entry]);
      this.waiting += 1;
      this.bytes += bytes;
      this.next();
      return (error) => this.giveUp(entry, error);
    });
  }

  /** Nobody waits for a job any more. */
  private giveUp(entry: Entry, error: Error): void {
    if (this.drop(entry)) entry.job.onDrop?.();
    entry.settle(error);
    entry.isOver = true;
    if (this.batch.every(({ isOver }) => isOver)) this.abandon.abort();
  }

  /** Takes a job that waits out of its line; one that runs stays where it is, and its answer is thrown away. @returns whether it waited */
  private drop(entry: Entry): boolean {
    const line = this.lines.get(entry.job.line);
    const at = line?.indexOf(entry) ?? -1;
    if (!line || at < 0) return false;
    line.splice(at, 1);
    if (line.length === 0) this.lines.delete(entry.job.line);
    this.waiting -= 1;
    this.bytes -= entry.bytes;
    return true;
  }

  /** Starts the next batch if the engine is free and the batch is full or has waited long enough. */
  private next(): void {
    clearTimeout(this.wake);
    if (this.paused || this.running > 0 || this.waiting === 0) return;
    const { batch: most, batchDelay } = this.options.limits;
    const batch = this.plan();
    const left = batchDelay - (performance.now() - Math.min(...batch.map(({ since }) => since)));
    if (batch.length < most && left > 0) {
      this.wake = setTimeout(() => this.next(), left);
      return;
    }
    for (const entry of batch) this.take(entry);
    void this.runBatch(batch);
  }

  /** The head of the first line, and then, turn by turn, what runs with it. */
  private plan(): Entry[] {
    const { batch: most, pixels } = this.options.limits;
    const heads = [...this.lines.values()];
    const first = heads[0]![0]!;
    const batch: Entry[] = [];
    for (let turn = 0, before = -1; batch.length > before; turn++) {
      before = batch.length;
      for (const line of heads) {
        const entry = line[turn];
        const room = batch.length < most && (batch.length + 1) * first.job.width * first.job.height <= pixels;
        // A line whose turn did not fit has no later one either, so that its frames keep their order.
        const inOrder = turn === 0 || (line[turn - 1] !== undefined && batch.includes(line[turn - 1]!));
        if (entry && inOrder && sameKind(entry.job, first.job) && (room || batch.length === 0)) batch.push(entry);
      }
    }
    return batch;
  }

  /** Out of its line, which goes to the end of the turns. */
  private take(entry: Entry): void {
    const { line: name } = entry.job;
    const line = this.lines.get(name)!;
    line.splice(line.indexOf(entry), 1);
    this.lines.delete(name);
    if (line.length > 0) this.lines.set(name, line);
    this.waiting -= 1;
    this.bytes -= entry.bytes;
  }

  private async runBatch(batch: Entry[]): Promise<void> {
    this.running = batch.length;
    this.batch = batch;
    this.abandon = new AbortController();
    const began = performance.now();
    const requests = batch.map(({ job: { frame, stream, level, start, end } }) => ({
      frame,
      options: { stream, level, start, end },
    }));
    try {
      const answers = await this.options.run(batch[0]!.job.model, requests, this.abandon.signal);
      batch.forEach((entry, i) => {
        const answer = answers[i]!;
        entry.settle(answer instanceof Error ? answer : { ...answer, waited: began - entry.since });
      });
      this.pace += 0.2 * ((performance.now() - began) / batch.length - this.pace);
    } catch (error) {
      for (const entry of batch) entry.settle(error as Error);
    }
    this.running = 0;
    this.batch = [];
    this.next();
  }
}

function sameKind(a: Job, b: Job): boolean {
  return a.model === b.model && a.width === b.width && a.height === b.height;
}
