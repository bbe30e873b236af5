import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { hostname } from 'node:os';
import { GearnnError } from '../common/errors.js';
import { explainSystemError } from '../common/system-error.js';
import { canonicalJson } from '../common/files.js';
import type { Progress } from '../common/progress.js';
import { decide, type Decision } from './decide.js';
import { inOrder, nodeOf, type Step, type StepContext } from './graph.js';
import type { StepRecord } from './record.js';
import { beginStep, contextFor, finishStep, keepRenewing, restoreStep, type RunsOn } from './run-step.js';
import { StepResults } from './step-results.js';
import type { BeginOptions, StepWriter, Store } from './store/store.js';

/**
 * The lease of a step that this process runs itself, which renews it only where the step lets go of the thread: an optimizer step on large
 * images takes minutes. Others on the same machine see at once when the process is gone.
 */
const LEASE: BeginOptions = { owner: `process ${process.pid} on ${hostname()}`, silence: 15 * 60 };

/** Milliseconds between two looks at steps that others are at. */
const PAUSE = 500;

/** What the watcher of a run learns about a step. */
export interface StepEvent {
  step: Step;
  event: 'cached' | 'waits' | 'run' | 'resume' | 'done' | 'failed';
  /** For `run` and `resume` why, for `waits` who is at it, for `failed` the message; empty otherwise. */
  why: string;
  /** Of `done`. */
  seconds?: number;
  /** Who runs it; absent where this process does. */
  worker?: string;
}

export interface ExecutorOptions extends RunsOn {
  store: Store;
  /** Results of steps whose files need not be in the store. */
  record?: StepRecord;
  progress?: Progress;
  onStep?: (event: StepEvent) => void;
  /** When aborted, the running step saves and stops, and its reason is thrown. */
  signal?: AbortSignal;
}

/** Runs steps that have no result yet, one at a time, each after its inputs; those that another process is at are waited for. */
export class Executor {
  /** Grows while steps run. A step that failed is not tried again within this executor. */
  readonly results: StepResults;
  /** How often a recorded step came out otherwise, and results that followed from it were let go of. */
  private surprises = 0;
  /** Steps that the watcher has heard of. */
  private readonly announced = new Set<Step>();
  /** Steps that it has heard of others being at. */
  private readonly waited = new Set<Step>();

  constructor(private readonly options: ExecutorOptions) {
    this.results = new StepResults(options.store, options.record);
  }

  /**
   * Brings groups of goals and everything they need about, one group after the other. A failed step does not keep those from running
   * that do not need it. A step that the record knows of runs only for its files, where one that has to run reads them. Where it then
   * comes out otherwise, earlier groups that followed from it come again.
   *
   * @param after called after each group
   * @returns whether every goal has its result; the failures among {@link results} tell what failed otherwise
   * @throws the signal's reason
   */
  async run(groups: readonly (readonly Step[])[], after: () => Promise<void> = async () => {}): Promise<boolean> {
    let known: number;
    do {
      known = this.surprises;
      for (const group of groups) {
        await this.runGroup(inOrder(group));
        await after();
      }
    } while (this.surprises > known);
    return groups.flat().every((goal) => this.results.has(goal));
  }

  private async runGroup(order: readonly Step[]): Promise<void> {
    const { results, options } = this;
    const graph = order.map(nodeOf);
    /** Steps that others were at when this one came to them. */
    const held = new Set<Step>();
    for (;;) {
      options.signal?.throwIfAborted();
      await results.lookUp(order);
      const decisions = decide(graph, results.knowledge(order));
      const first = decisions.findIndex(({ ready }) => ready);
      for (const step of first < 0 ? order : order.slice(0, first)) this.announceCached(step);
      if (first < 0) return;
      const next = decisions.findIndex(({ ready }, i) => ready && !held.has(order[i]!));
      if (next < 0) {
        await sleep(PAUSE, undefined, { signal: options.signal }).catch(() => undefined);
        held.clear();
      } else if (!(await this.act(order[next]!, decisions[next]!))) held.add(order[next]!);
    }
  }

  /** @returns false where another process is at the step */
  private async act(step: Step, { state, why }: Decision): Promise<boolean> {
    if (state === 'restore') return this.restore(step);
    const { results } = this;
    const before = results.stampOf(step);
    // Another step of the same address, or another process, may have made it meanwhile.
    if ((await results.lookUpAgain(step)).state !== 'cached' && !(await this.execute(step, why))) return false;
    const after = results.stampOf(step);
    if (!before || !after || canonicalJson(after.output) === canonicalJson(before.output)) return true;
    this.surprises++;
    results.forgetAfter(step);
    return true;
  }

  /** Writes a recorded step's files without running it, where it can. */
  private async restore(step: Step): Promise<boolean> {
    const writer = await this.begin(step, true);
    if (!writer) return this.results.hasFiles(step);
    const stamp = this.results.stampOf(step)!;
    const write = async (folder: string): Promise<boolean> =>
      step.restore!(stamp.output, await this.contextOf(step, { folder, resuming: false }));
    const restored = await restoreStep(writer, stamp, write);
    if (restored) this.results.add(step, restored);
    else this.results.addLost(step);
    return true;
  }

  private async execute(step: Step, why: string): Promise<boolean> {
    const { onStep, signal, machine, threads } = this.options;
    const writer = await this.begin(step, false);
    if (!writer) return this.results.hasFiles(step);
    this.announced.add(step);
    onStep?.({ step, event: writer.resuming ? 'resume' : 'run', why });
    const start = performance.now();
    const lost = new AbortController();
    const lease = keepRenewing(writer, LEASE.silence, (error) => lost.abort(error));
    try {
      const result = await step.run(await this.contextOf(step, writer, lost.signal));
      const seconds = (performance.now() - start) / 1000;
      this.results.add(step, await finishStep(writer, result, { seconds, machine, threads }));
      onStep?.({ step, event: 'done', why: '', seconds });
    } catch (error) {
      const isLost = lost.signal.aborted || (error instanceof GearnnError && error.code === 'E_PIPELINE_LEASE_LOST');
      if (isLost) await writer.discard();
      else await this.leave(writer);
      signal?.throwIfAborted();
      if (isLost) return false;
      // A full disk names no path where it is written to through a handle: then it is the step's folder.
      const failure = explainSystemError(error, { where: writer.folder }) ?? error;
      this.results.addFailure(step, failure);
      onStep?.({ step, event: 'failed', why: messageOf(failure) });
    } finally {
      lease.stop();
    }
    // Signals get through even where steps are done without waiting for anything.
    await setImmediate();
    return true;
  }

  /** @returns undefined where another process is at the step, or has made its result, which is then among the results */
  private async begin(step: Step, fresh: boolean): Promise<StepWriter | undefined> {
    const begun = await beginStep(this.options.store, this.results.identity(step), { ...LEASE, fresh });
    if ('folder' in begun) return begun;
    if ('stamp' in begun) this.results.add(step, begun.stamp);
    else if (!this.waited.has(step)) {
      this.waited.add(step);
      this.options.onStep?.({ step, event: 'waits', why: begun.holder });
    }
    return undefined;
  }

  /** Leaves a step unfinished. That what there is of it cannot be kept is not what it ended for. */
  private async leave(writer: StepWriter): Promise<void> {
    await writer.checkpoint().catch(() => undefined);
    await writer.release().catch(() => undefined);
  }

  /** Tells the watcher of a result that was there already, once. */
  private announceCached(step: Step): void {
    if (!this.results.has(step) || this.announced.has(step)) return;
    this.announced.add(step);
    this.options.onStep?.({ step, event: 'cached', why: '' });
  }

  private async contextOf(
    step: Step,
    { folder, resuming }: Pick<StepWriter, 'folder' | 'resuming'>,
    lost?: AbortSignal,
  ): Promise<StepContext> {
    const { results } = this;
    const { progress, signal } = this.options;
    const folders = new Map<Step, string>();
    for (const input of Object.values(step.inputs)) {
      if (results.hasFiles(input)) folders.set(input, await results.folderOf(input));
    }
    const folderOf = (input: Step): string => {
      const found = folders.get(input);
      if (found !== undefined) return found;
      throw new Error(`the files of step "${input.id}" are not here`);
    };
    const inputs = { output: (input: Step) => results.outputOf(input), folderOf };
    const signals = [signal, lost].filter((own) => own !== undefined);
    return contextFor(step, { folder, resuming, inputs, progress, signal: AbortSignal.any(signals) });
  }
}

function messageOf(cause: unknown): string {
  return explainSystemError(cause)?.message ?? (cause instanceof Error ? cause.message : String(cause));
}

/** The error that a run with failed steps ends with: it names the first one, and counts the others. */
export function failureOf(failures: ReadonlyMap<Step, unknown>): GearnnError | undefined {
  const [first] = failures;
  if (!first) return undefined;
  const [step, cause] = first;
  const others = failures.size > 1 ? `; ${failures.size - 1} more failed as well` : '';
  return new GearnnError('E_PIPELINE_STEP', {
    where: `step "${step.id}"`,
    expected: 'it to end well',
    got: `an error: ${messageOf(cause)}${others}`,
    todo: 'What the other steps made is kept: mend this and run the same command again.',
    cause,
  });
}
