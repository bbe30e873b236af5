import { decide, type Decision } from '../pipeline/decide.js';
import { inOrder, nodeOf, type Step } from '../pipeline/graph.js';
import { addressOf, type Identity } from '../pipeline/identity.js';
import type { StepResults } from '../pipeline/step-results.js';
import { canonicalJson } from '../common/files.js';
import type { CoordinatorOptions } from './coordinator-options.js';
import { Announcer } from './announcer.js';
import { failureOnWorkers, notInStore } from './failures.js';
import { QUEUE_TIMES, type QueueTimes, type StepNews } from './job.js';
import { restoreHere } from './restore-here.js';
import { Silence } from './silence.js';
import { StepQueue } from './step-queue.js';
import { untilAborted } from './until-aborted.js';
import { WorkersProgress } from './workers-progress.js';

/** Steps of one address, of which a job is on the queue. */
interface Offer {
  steps: Step[];
  why: string;
  resuming: boolean;
  /** Who has begun with it. */
  worker?: string;
  /** When a worker first said that it is done. */
  completed?: number;
}

/** Has workers run the steps that have no result yet: the ready ones are on the queue, all others follow as results appear in the store. */
export class Coordinator {
  private readonly offers = new Map<string, Offer>();
  /** Addresses of jobs that ended. */
  private readonly heard = new Set<string>();
  private readonly announcer: Announcer;
  private readonly times: QueueTimes;
  private readonly silence: Silence;
  private readonly atWork: WorkersProgress;
  private queue!: StepQueue;
  private wake = (): void => {};
  private polled = 0;

  constructor(private readonly options: CoordinatorOptions) {
    this.times = { ...QUEUE_TIMES, ...options.times };
    this.silence = new Silence((text) => options.onNote?.(text), this.times.silence);
    this.atWork = new WorkersProgress(options.progress);
    this.announcer = new Announcer(options.onStep);
  }

  get results(): StepResults {
    return this.options.results;
  }

  /**
   * As {@link Executor.run}, but what is ready runs at the same time, of whichever group it is.
   *
   * @param after called whenever further groups are done
   * @returns whether every goal has its result
   * @throws the signal's reason; workers then go on with what is on the queue. E_QUEUE_URL, E_QUEUE_PACKAGE, E_QUEUE_CONNECT, E_QUEUE_ACCESS
   */
  async run(groups: readonly (readonly Step[])[], after: () => Promise<void> = async () => {}): Promise<boolean> {
    const { queue: url, signal, onNote } = this.options;
    this.queue = await StepQueue.open(url, {
      onEnd: (address, how) => this.hear(address, how),
      onProgress: (address, news) => this.onProgress(address, news),
      onConnection: (state) =>
        onNote?.(state === 'lost' ? 'Redis is away; what was begun goes on, and waits for it' : 'Redis is back'),
    });
    try {
      // Redis may be away, and what waits for it would wait on.
      return await untilAborted(this.coordinate(groups, after), signal);
    } finally {
      await this.queue.close();
    }
  }

  private async coordinate(groups: readonly (readonly Step[])[], after: () => Promise<void>): Promise<boolean> {
    const { results, signal } = this.options;
    const order = inOrder(groups.flat());
    const graph = order.map(nodeOf);
    const parts = groups.map((group) => new Set(inOrder(group).map(({ id }) => id)));
    const old = await this.queue.failedBefore();
    let finished = -1;
    for (;;) {
      signal?.throwIfAborted();
      await results.lookUp(order);
      const decisions = decide(graph, results.knowledge(order));
      const ready = order
        .map((step, i) => ({ step, decision: decisions[i]! }))
        .filter(({ decision }) => decision.ready);
      const restorable = ready.find(({ decision }) => decision.state === 'restore');
      if (restorable) {
        await restoreHere(restorable.step, results, this.options.store);
        continue;
      }
      this.announcer.cached(order, results);
      await this.offer(ready, old);
      const open = decisions.filter(isAhead).map(({ id }) => id);
      this.atWork.count(order.length - open.length, order.length);
      const now = parts.filter((part) => !open.some((id) => part.has(id))).length;
      if (now !== finished) await after();
      finished = now;
      if (this.offers.size === 0) return groups.flat().every((goal) => results.has(goal));
      while (!(await this.news()));
    }
  }

  /** Puts ready steps on the queue that are not there yet. */
  private async offer(ready: readonly { step: Step; decision: Decision }[], old: Set<string>): Promise<void> {
    const added: Parameters<StepQueue['add']>[0][number][] = [];
    for (const { step, decision } of ready) {
      const identity = this.results.identity(step);
      const address = addressOf(identity);
      const known = this.offers.get(address);
      if (known) {
        if (!known.steps.includes(step)) known.steps.push(step);
        continue;
      }
      this.offers.set(address, { steps: [step], why: decision.why, resuming: decision.state === 'resume' });
      // One that failed in an earlier run is tried again.
      if (old.delete(address)) await this.queue.forget(address);
      added.push({ address, data: await this.dataOf(step, identity) });
    }
    await this.queue.add(added);
  }

  private async dataOf(step: Step, identity: Identity) {
    return { id: step.id, kind: step.kind, step: await this.options.describe(step, identity) };
  }

  private hear(address: string, how: 'completed' | 'failed'): void {
    const offer = this.offers.get(address);
    if (!offer) return;
    if (how === 'completed') offer.completed ??= performance.now();
    this.heard.add(address);
    this.wake();
  }

  /** Waits for news of offers. @returns whether there may be something new to decide */
  private async news(): Promise<boolean> {
    if (this.heard.size === 0) await this.wait();
    const heard = [...this.heard];
    this.heard.clear();
    const settled = await Promise.all(heard.map((address) => this.settle(address, false)));
    const isDue = performance.now() - this.polled >= this.times.poll;
    return (isDue && (await this.poll())) || settled.includes(true);
  }

  private async wait(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, Math.max(0, this.times.poll - (performance.now() - this.polled)));
    });
    clearTimeout(timer);
    this.wake = (): void => {};
  }

  /** Looks at all offers: events may have been missed, and jobs lost. */
  private async poll(): Promise<boolean> {
    this.polled = performance.now();
    await this.queue.mendDelays();
    const states = await Promise.all(
      [...this.offers.keys()].map(async (address) => ({ address, job: await this.queue.stateOf(address) })),
    );
    const there = states.flatMap(({ address, job }) =>
      job.state === 'there' ? [{ id: this.offers.get(address)?.steps[0]!.id ?? '', ...job }] : [],
    );
    this.silence.look(there);
    const settled = await Promise.all(
      states.filter(({ job }) => job.state !== 'there').map(({ address }) => this.settle(address, true)),
    );
    return settled.includes(true);
  }

  /** Finds out what became of an offer. @returns whether it is over */
  private async settle(address: string, polling: boolean): Promise<boolean> {
    const offer = this.offers.get(address);
    if (!offer) return false;
    const [step] = offer.steps as [Step, ...Step[]];
    const before = this.results.stampOf(step);
    const job = await this.queue.stateOf(address);
    if (job.state === 'there') return false;
    const found = await this.results.lookUpAgain(step);
    if (found.state === 'cached') {
      await this.finish(address, offer, before);
      return true;
    }
    if (job.state === 'failed') return this.fail(address, offer, failureOnWorkers(step, job));
    const { completed = Infinity } = offer;
    if (performance.now() - completed > this.times.invisible)
      return this.fail(address, offer, notInStore(step, offer.worker));
    // Redis has lost it, or its result is not to be seen here yet: whoever takes it finds out.
    if (polling) await this.queue.add([{ address, data: await this.dataOf(step, this.results.identity(step)) }]);
    return false;
  }

  private async finish(address: string, offer: Offer, before: ReturnType<StepResults['stampOf']>): Promise<void> {
    this.offers.delete(address);
    const { results } = this;
    let surprise = false;
    for (const step of offer.steps) {
      await results.lookUpAgain(step);
      const stamp = results.stampOf(step)!;
      this.announcer.ended(step, { event: 'done', why: '', seconds: stamp.seconds, worker: offer.worker });
      if (!before || canonicalJson(before.output) === canonicalJson(stamp.output)) continue;
      surprise = true;
      results.forgetAfter(step);
    }
    this.atWork.end(address);
    // What follows from an output that has come out otherwise is another step now.
    for (const [other, { steps }] of surprise ? this.offers : []) {
      const isCurrent = results.isReady(steps[0]!) && addressOf(results.identity(steps[0]!)) === other;
      if (!isCurrent) this.offers.delete(other);
    }
  }

  private fail(address: string, { steps, worker }: Offer, error: Error): true {
    this.offers.delete(address);
    this.atWork.end(address);
    for (const step of steps) {
      this.results.addFailure(step, error);
      this.announcer.ended(step, { event: 'failed', why: error.message, worker });
    }
    return true;
  }

  private onProgress(address: string, news: StepNews): void {
    const offer = this.offers.get(address);
    if (!offer) return;
    if (offer.worker !== news.worker && news.task === undefined) {
      offer.worker = news.worker;
      for (const step of offer.steps) this.announcer.begins(step, { ...offer, worker: news.worker });
    }
    this.atWork.show(address, offer.steps[0]!.id, news);
  }
}

function isAhead({ state }: Decision): boolean {
  return state === 'run' || state === 'resume' || state === 'restore';
}
