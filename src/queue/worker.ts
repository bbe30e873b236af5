import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseQueueUrl } from './address.js';
import { StepProcess } from './child.js';
import { closeAll } from './close.js';
import { connect, loadPackages } from './connect.js';
import { Holding, type Outcome } from './holding.js';
import { hasOpenRun } from './open-runs.js';
import { ATTEMPTS, MOST_STALLED, PREFIX, QUEUE_NAME, QUEUE_TIMES, type QueuedStep, type QueueTimes } from './job.js';
import type { WorkerOptions } from './worker-options.js';

type StepJob = Job<QueuedStep, unknown>;

/** Milliseconds: a job that a worker does not take waits that long at the end of the queue; a worker that finds none to take rests up to the last. */
const AT_THE_END = 250;
const LONGEST_REST = 5000;
/** Milliseconds that a worker which stops waits for Redis. */
const FAREWELL = 3000;
/** Milliseconds until a step that another one writes, or whose inputs cannot be seen yet, is looked at again. */
const IN_A_WHILE = 2000;

/**
 * Takes steps from a queue, one after the other, and computes each in a process of its own, so that this one can always say that it lives.
 * A step is done when the store has its result; the queue only says who works on what.
 *
 * @returns number of steps that it did, when `once` is set and the queue is empty, or the signal says so
 * @throws E_QUEUE_URL, E_QUEUE_PACKAGE, E_QUEUE_CONNECT, E_QUEUE_ACCESS
 */
export async function runWorker(options: WorkerOptions): Promise<number> {
  const packages = await loadPackages();
  const redis = await connect(packages, parseQueueUrl(options.queue));
  const times = { ...QUEUE_TIMES, ...options.times };
  const worker = new packages.bullmq.Worker<QueuedStep>(QUEUE_NAME, null, {
    ...{ connection: redis, prefix: PREFIX, name: options.name, autorun: false, maxStalledCount: MOST_STALLED },
    ...{ lockDuration: times.lock, stalledInterval: times.stalled, drainDelay: times.drain / 1000 },
  });
  const queue = new packages.bullmq.Queue<QueuedStep>(QUEUE_NAME, { connection: redis, prefix: PREFIX });
  let away = false;
  const tell = (state: 'lost' | 'back') => (): void => {
    if (away === (state === 'lost')) return;
    away = state === 'lost';
    options.onConnection?.(state);
  };
  redis.on('close', tell('lost')).on('ready', tell('back'));
  // Said by the connection's own events.
  worker.on('error', () => {});
  queue.on('error', () => {});
  const taker = new Taker({ ...options, times }, worker, queue, redis);
  try {
    await worker.startStalledCheckTimer();
    return await taker.run();
  } finally {
    await taker.end();
    await closeAll([worker, queue], redis);
  }
}

type Queue = InstanceType<typeof import('bullmq').Queue<QueuedStep>>;

/** Why a worker does not take a job, and until when by `performance.now()`. */
interface Declined {
  why: string;
  until: number;
}

/** A worker's loop. */
class Taker {
  private readonly process: StepProcess;
  private readonly token = randomUUID();
  private readonly stopped: Promise<undefined>;
  /** Jobs that this worker does not take, by id. */
  private readonly declined = new Map<string, Declined>();
  /** Jobs in a row that it did not take. */
  private inRow = 0;
  private rest = AT_THE_END;
  /** It has just rested, as there were none but such. */
  private rested = false;
  private emptySince = Infinity;
  private done = 0;

  constructor(
    private readonly options: WorkerOptions & { times: QueueTimes },
    private readonly worker: Worker<QueuedStep>,
    private readonly queue: Queue,
    private readonly redis: Redis,
  ) {
    this.process = new StepProcess(options.process);
    this.stopped = new Promise((resolve) => options.signal?.addEventListener('abort', () => resolve(undefined)));
  }

  async run(): Promise<number> {
    const { signal, once } = this.options;
    while (!signal?.aborted) {
      const job = await this.next();
      if (job) await this.take(job);
      if (once && this.isIdle(job) && (await this.hasBeenEmpty())) break;
    }
    return this.done;
  }

  end(): Promise<void> {
    return this.process.end();
  }

  /** The next job; undefined where none came for a while, or the signal says stop. */
  private async next(): Promise<StepJob | undefined> {
    const { signal } = this.options;
    const job: Promise<StepJob | undefined> = this.worker.getNextJob(this.token).catch(async () => {
      // Redis is away.
      await sleep(1000);
      return undefined;
    });
    const first = await Promise.race([job, this.stopped]);
    if (!signal?.aborted) return first;
    // One that came at the last moment goes back.
    void job.then((late) => late?.moveToWait(this.token)).catch(() => undefined);
    if (first) await first.moveToWait(this.token).catch(() => undefined);
    return undefined;
  }

  private async take(job: StepJob): Promise<void> {
    const declined = this.reasonAgainst(job);
    if (declined) return this.decline(job);
    this.inRow = 0;
    this.rest = AT_THE_END;
    const holding = new Holding(job, this.token, this.options, this.process);
    try {
      const outcome = await holding.work();
      if (outcome.event === 'done') this.done++;
      // Whatever becomes of the job: the store has the result, or has not.
      this.options.onEvent?.({ step: job.data.id, ...outcome });
      await this.settle(job, outcome);
    } catch {
      // The job is no longer this worker's, or Redis lost it: what the store has counts, and the coordinator looks there.
    } finally {
      holding.end();
    }
  }

  /** Tells the queue what came of a job. @throws Error where this worker no longer has it */
  private async settle(job: StepJob, { event, why }: Outcome): Promise<void> {
    if (event === 'refused') await this.refuse(job, why!);
    else if (event === 'failed') await this.fail(job, why!);
    else if (event === 'handed back') await this.handBack(job);
    else await job.moveToCompleted({ worker: this.options.name }, this.token, false);
  }

  /** Why this worker does not take a job now; undefined where it does. */
  private reasonAgainst({ id, data }: StepJob): Declined | undefined {
    const { kinds, name } = this.options;
    if (kinds && !kinds.includes(data.kind)) return { why: `it takes ${kinds.join(', ')} alone`, until: Infinity };
    const known = this.declined.get(id!);
    if (known) return performance.now() < known.until ? known : undefined;
    const refused = data.refusals[name];
    return refused === undefined ? undefined : { why: refused, until: Infinity };
  }

  /** Puts a job to the end of the queue; where there are only such, the worker rests. */
  private async decline(job: StepJob): Promise<void> {
    await job.moveToDelayed(Date.now() + AT_THE_END, this.token).catch(() => undefined);
    const { waiting = 0, delayed = 0 } = await this.queue.getJobCounts('waiting', 'delayed');
    if (++this.inRow < waiting + delayed) return;
    this.inRow = 0;
    this.rested = true;
    await sleep(this.rest, undefined, { signal: this.options.signal }).catch(() => undefined);
    this.rest = Math.min(2 * this.rest, LONGEST_REST);
  }

  private async refuse(job: StepJob, why: string): Promise<void> {
    this.declined.set(job.id!, { why, until: Infinity });
    await job.updateData({ ...job.data, refusals: { ...job.data.refusals, [this.options.name]: why } });
    await this.decline(job);
  }

  private async fail(job: StepJob, message: string): Promise<void> {
    const { name, times } = this.options;
    const failures = [...job.data.failures, { worker: name, message, log: this.process.printed }];
    await job.updateData({ ...job.data, failures });
    if (failures.length >= ATTEMPTS) {
      await job.moveToFailed(new Error(message), this.token, false);
      return;
    }
    this.declined.set(job.id!, { why: 'it failed here', until: performance.now() + times.elsewhere });
    await this.decline(job);
  }

  private async handBack(job: StepJob): Promise<void> {
    // Redis may be away: then the lock runs out by itself.
    if (this.options.signal?.aborted) await Promise.race([job.moveToWait(this.token), sleep(FAREWELL)]);
    else await job.moveToDelayed(Date.now() + IN_A_WHILE, this.token);
  }

  /** Whether there was nothing to take. */
  private isIdle(job: StepJob | undefined): boolean {
    const idle = !job || this.rested;
    this.rested = false;
    return idle;
  }

  /** Whether the queue has been empty for a while: runs that are about to begin are given time. */
  private async hasBeenEmpty(): Promise<boolean> {
    if (!(await this.isEmpty().catch(() => false))) this.emptySince = Infinity;
    else this.emptySince = Math.min(this.emptySince, performance.now());
    return performance.now() - this.emptySince >= this.options.times.drain;
  }

  /** Whether nothing waits that this worker will come to take, and neither a worker nor a coordinator is at work who could make more. */
  private async isEmpty(): Promise<boolean> {
    const { active = 0 } = await this.queue.getJobCounts('active');
    if (active > 0 || (await hasOpenRun(this.redis))) return false;
    const jobs = await this.queue.getJobs(['waiting', 'delayed', 'prioritized']);
    return jobs.every((job) => this.reasonAgainst(job)?.until === Infinity);
  }
}
