import type { Job } from 'bullmq';
import { explainSystemError } from '../common/system-error.js';
import { GearnnError } from '../common/errors.js';
import type { StepProcess } from './child.js';
import type { QueuedStep, QueueTimes, StepNews } from './job.js';
import { beginStep, finishStep } from '../pipeline/run-step.js';
import { isHeld, type StepWriter } from '../pipeline/store/store.js';
import type { WorkerEvent, WorkerOptions } from './worker-options.js';

/** How a worker's hold on a step ends. */
export type Outcome = Pick<WorkerEvent, 'event' | 'why' | 'seconds'>;

/** Milliseconds that a step has to save itself when its worker is to stop; batch systems kill after 30 s. */
const PATIENCE = 20_000;

/** Milliseconds between two times that what a step has saved so far is kept in the store, for workers of other machines. */
const KEEP_EVERY = 60_000;

/** A step in a worker's hands: while it computes in its process, both the queue's lock and the store's lease are held. */
export class Holding {
  private writing: StepWriter | undefined;
  private lost: Error | undefined;
  private running = false;
  private renewing = false;
  private kept = performance.now();
  private readonly timer: NodeJS.Timeout;
  private patience: NodeJS.Timeout | undefined;

  constructor(
    private readonly job: Job<QueuedStep, unknown>,
    private readonly token: string,
    private readonly options: WorkerOptions & { times: QueueTimes },
    private readonly process: StepProcess,
  ) {
    this.timer = setInterval(() => void this.renew(), options.times.renew);
    options.signal?.addEventListener('abort', this.stop);
  }

  /** Runs the step, unless it is done or being done elsewhere. Never throws: what went wrong is the outcome. */
  async work(): Promise<Outcome> {
    try {
      return await this.run();
    } catch (error) {
      if (this.lost ?? isLeaseLost(error)) return { event: 'handed back', why: 'its lease was lost to another worker' };
      await this.leave();
      if (this.options.signal?.aborted) return { event: 'handed back', why: 'this worker stops' };
      return { event: 'failed', why: this.explain(error) };
    }
  }

  /** A full disk names no path where it is written to through a handle: then it is the step's folder. */
  private explain(error: unknown): string {
    const { writing, options } = this;
    const where = writing?.folder ?? options.store.place;
    return explainSystemError(error, { where })?.message ?? (error as Error).message;
  }

  /** Leaves a step unfinished, with what there is of it. */
  private async leave(): Promise<void> {
    await this.writing?.checkpoint().catch(() => undefined);
    await this.writing?.release().catch(() => undefined);
  }

  /** Stops the renewals. */
  end(): void {
    clearInterval(this.timer);
    clearTimeout(this.patience);
    this.options.signal?.removeEventListener('abort', this.stop);
    this.process.onProgress = () => {};
  }

  private async run(): Promise<Outcome> {
    const { job, process, options } = this;
    const { store, name, onEvent } = options;
    void job.updateProgress({ worker: name } satisfies StepNews).catch(() => undefined);
    const prepared = await process.prepare(job.data.step);
    if (prepared.report === 'refused') return { event: 'refused', why: prepared.why };
    if (prepared.report !== 'ready') throw new Error(`an answer of another kind: ${prepared.report}`);
    const { identity } = prepared;
    if ((await store.find(identity)).state === 'cached') return { event: 'there already' };
    const begun = await beginStep(store, identity, { owner: name, silence: options.times.lock / 1000 });
    if (isHeld(begun)) return { event: 'handed back', why: `${begun.holder} writes it` };
    if ('stamp' in begun) return { event: 'there already' };
    this.writing = begun;
    const { folder, resuming } = begun;
    options.signal?.throwIfAborted();
    onEvent?.({ step: job.data.id, event: resuming ? 'goes on' : 'begins' });
    process.onProgress = ({ task, done, total, unit }) => {
      const news: StepNews = { worker: name, task, done, total: Number.isFinite(total) ? total : null, unit };
      void job.updateProgress(news).catch(() => undefined);
    };
    this.running = true;
    const ran = await process.run(folder, resuming);
    this.running = false;
    if (ran.report !== 'done') throw new Error('the step was stopped');
    const { seconds } = ran.run;
    const stamp = await finishStep(begun, ran.result, ran.run);
    // Another one's counts where that was there first.
    return stamp.seconds === seconds ? { event: 'done', seconds } : { event: 'there already' };
  }

  /** Holds lock and lease for longer. */
  private async renew(): Promise<void> {
    if (this.renewing) return;
    this.renewing = true;
    const { job, token, options, process } = this;
    // Without the lock another worker may get the job; it finds the lease held, so that the step here need not stop.
    void job.extendLock(token, options.times.lock).catch(() => undefined);
    try {
      await this.writing?.renew();
      if (performance.now() - this.kept < KEEP_EVERY) return;
      this.kept = performance.now();
      await this.writing?.checkpoint();
    } catch (error) {
      // What is no answer, such as a file server that is away for a moment, is asked again; the result is refused if it has to be.
      // Of a step that has just ended the lease is gone as well, and the process may be at the next one.
      if (this.running && isLeaseLost(error)) {
        this.lost = error;
        await process.end();
      }
    } finally {
      this.renewing = false;
    }
  }

  private readonly stop = (): void => {
    if (!this.running) return void this.process.end();
    this.process.stop();
    this.patience = setTimeout(() => void this.process.end(), PATIENCE);
  };
}

function isLeaseLost(error: unknown): error is GearnnError {
  return error instanceof GearnnError && error.code === 'E_PIPELINE_LEASE_LOST';
}
