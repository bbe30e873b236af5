import type { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { parseQueueUrl } from './address.js';
import { closeAll } from './close.js';
import { connect, loadPackages } from './connect.js';
import { openRun } from './open-runs.js';
import { PREFIX, QUEUE_NAME, type QueuedStep, type StepNews } from './job.js';

/** What became of a job that the queue was given. */
export type JobState =
  /** Waiting or at work. */
  | { state: 'there'; refusals: QueuedStep['refusals']; active: boolean }
  | { state: 'failed'; failures: QueuedStep['failures']; reason: string }
  /** Done, or lost by Redis. */
  | { state: 'gone' };

export interface QueueWatcher {
  /** The job of this address ended. */
  onEnd(address: string, how: 'completed' | 'failed'): void;
  onProgress(address: string, news: StepNews): void;
  onConnection(state: 'lost' | 'back'): void;
}

/** Seconds that a failed job stays to be looked at. */
const FAILED_STAYS = 7 * 24 * 3600;
/** Milliseconds that a job may be put off by at most: one for later has been put off by a machine whose clock is ahead. */
const LONGEST_DELAY = 60_000;
/** BullMQ keeps the time when a job is due times this, so that there is room to order those of one millisecond. */
const DELAY_SCALE = 0x1000;

/** The queue as a coordinator uses it. */
export class StepQueue {
  private constructor(
    private readonly queue: Queue<QueuedStep>,
    private readonly events: QueueEvents,
    private readonly redis: Redis,
    private readonly endRun: () => void,
  ) {}

  /** @throws E_QUEUE_URL, E_QUEUE_PACKAGE, E_QUEUE_CONNECT, E_QUEUE_ACCESS */
  static async open(url: string, watcher: QueueWatcher): Promise<StepQueue> {
    const packages = await loadPackages();
    const redis = await connect(packages, parseQueueUrl(url));
    const shared = { connection: redis, prefix: PREFIX };
    const queue = new packages.bullmq.Queue<QueuedStep>(QUEUE_NAME, shared);
    const events = new packages.bullmq.QueueEvents(QUEUE_NAME, shared);
    // Said by the connection's own events.
    queue.on('error', () => {});
    events.on('error', () => {});
    let away = false;
    redis.on('close', () => {
      if (!away) watcher.onConnection('lost');
      away = true;
    });
    redis.on('ready', () => {
      if (away) watcher.onConnection('back');
      away = false;
    });
    events.on('completed', ({ jobId }) => watcher.onEnd(jobId, 'completed'));
    events.on('failed', ({ jobId }) => watcher.onEnd(jobId, 'failed'));
    events.on('progress', ({ jobId, data }) => watcher.onProgress(jobId, data as unknown as StepNews));
    await events.waitUntilReady();
    return new StepQueue(queue, events, redis, await openRun(redis));
  }

  /** Adds steps; one whose job is there already, waiting, at work or failed, stays as it is. */
  async add(steps: readonly { address: string; data: Pick<QueuedStep, 'id' | 'kind' | 'step'> }[]): Promise<void> {
    if (steps.length === 0) return;
    await this.queue.addBulk(
      steps.map(({ address, data }) => ({
        name: data.id,
        data: { ...data, failures: [], refusals: {} },
        opts: { jobId: address, removeOnComplete: true, removeOnFail: { age: FAILED_STAYS } },
      })),
    );
  }

  /** Addresses of steps that failed, in this run or earlier ones. */
  async failedBefore(): Promise<Set<string>> {
    const failed = await this.queue.getJobs(['failed']);
    return new Set(failed.map(({ id }) => id!));
  }

  /** Takes a failed job away, so that the step can be added anew. */
  async forget(address: string): Promise<void> {
    const job = await this.queue.getJob(address);
    // Another coordinator may have done so, and a worker may have it by now.
    if (await job?.isFailed()) await job!.remove().catch(() => undefined);
  }

  async stateOf(address: string): Promise<JobState> {
    const job = await this.queue.getJob(address);
    if (!job) return { state: 'gone' };
    const state = await job.getState();
    if (state === 'unknown' || state === 'completed') return { state: 'gone' };
    const { refusals, failures } = job.data;
    if (state === 'failed') return { state, failures, reason: job.failedReason };
    return { state: 'there', refusals, active: state === 'active' };
  }

  /** Lets jobs run that a worker whose clock is ahead has put off for long. */
  async mendDelays(): Promise<void> {
    const least = (Date.now() + LONGEST_DELAY) * DELAY_SCALE;
    const late = await this.redis.zrangebyscore(this.queue.toKey('delayed'), least, '+inf');
    const jobs = await Promise.all(late.map((address) => this.queue.getJob(address)));
    await Promise.all(jobs.map((job) => job?.promote().catch(() => undefined)));
  }

  close(): Promise<void> {
    this.endRun();
    return closeAll([this.events, this.queue], this.redis);
  }
}
