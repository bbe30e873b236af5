import { setImmediate } from 'node:timers/promises';
import { GearnnError } from '../common/errors.js';
import { explainSystemError } from '../common/system-error.js';
import { canonicalJson } from '../common/files.js';
import type { Progress } from '../common/progress.js';
import type { Machine } from '../engine/machine.js';
import { decide, type Decision } from './decide.js';
import { inOrder, nodeOf, type Step, type StepContext } from './graph.js';
import { StepResults } from './step-results.js';
import type { Store } from './store.js';

/** What the watcher of a run learns about a step. */
export interface StepEvent {
  step: Step;
  event: 'cached' | 'run' | 'resume' | 'done' | 'failed';
  /** For `run` and `resume` why, for `failed` the message; empty otherwise. */
  why: string;
  /** Of `done`. */
  seconds?: number;
}

export interface ExecutorOptions {
  store: Store;
  /** What the steps run on, for their stamps. */
  machine?: Machine;
  progress?: Progress;
  onStep?: (event: StepEvent) => void;
  /** When aborted, the running step saves and stops, and its reason is thrown. */
  signal?: AbortSignal;
}

/** Runs steps that have no result yet, one at a time, each after its inputs. */
export class Executor {
  /** Grows while steps run. A step that failed is not tried again within this executor. */
  readonly results: StepResults;
  /** How often a recorded step came out otherwise, and results that followed from it were let go of. */
  private surprises = 0;
  /** Steps that the watcher has heard of. */
  private readonly announced = new Set<Step>();

  constructor(private readonly options: ExecutorOptions) {
    this.results = new StepResults(options.store);
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
    for (;;) {
      options.signal?.throwIfAborted();
      await results.lookUp(order);
      const decisions = decide(graph, results.knowledge(order));
      const next = decisions.findIndex(({ ready }) => ready);
      for (const step of next < 0 ? order : order.slice(0, next)) this.announceCached(step);
      if (next < 0) return;
      await this.act(order[next]!, decisions[next]!);
    }
  }

  private async act(step: Step, { state, why }: Decision): Promise<void> {
    if (state === 'restore') return this.restore(step);
    const { results } = this;
    const before = results.stampOf(step);
    // Another step of the same address may have made it meanwhile.
    if ((await results.lookUpAgain(step)).state !== 'cached') await this.execute(step, state === 'resume', why);
    const after = results.stampOf(step);
    if (!before || !after || canonicalJson(after.output) === canonicalJson(before.output)) return;
    this.surprises++;
    results.forgetAfter(step);
  }

  /** Writes a recorded step's files without running it, where it can. */
  private async restore(step: Step): Promise<void> {
    const stamp = this.results.stampOf(step)!;
    const write = (folder: string): Promise<boolean> =>
      step.restore!(stamp.output, this.contextOf(step, folder, false));
    if (await this.options.store.restore(stamp, write)) this.results.add(step, stamp);
    else this.results.addLost(step);
  }

  private async execute(step: Step, resuming: boolean, why: string): Promise<void> {
    const { store, machine, onStep, signal } = this.options;
    this.announced.add(step);
    onStep?.({ step, event: resuming ? 'resume' : 'run', why });
    const identity = this.results.identity(step);
    const start = performance.now();
    const folder = await store.begin(identity, resuming);
    try {
      const result = await step.run(this.contextOf(step, folder, resuming));
      const seconds = (performance.now() - start) / 1000;
      this.results.add(step, await store.finish(identity, result, { seconds, machine }));
      onStep?.({ step, event: 'done', why: '', seconds });
    } catch (error) {
      signal?.throwIfAborted();
      this.results.addFailure(step, error);
      onStep?.({ step, event: 'failed', why: messageOf(error) });
    }
    // Signals get through even where steps are done without waiting for anything.
    await setImmediate();
  }

  /** Tells the watcher of a result that was there already, once. */
  private announceCached(step: Step): void {
    if (!this.results.has(step) || this.announced.has(step)) return;
    this.announced.add(step);
    this.options.onStep?.({ step, event: 'cached', why: '' });
  }

  private contextOf(step: Step, folder: string, resuming: boolean): StepContext {
    const { progress, signal = new AbortController().signal } = this.options;
    const inputs = new Set(Object.values(step.inputs));
    const input = (given: Step): Step => {
      if (inputs.has(given)) return given;
      throw new Error(`step "${step.id}" reads "${given.id}", which is not among its inputs`);
    };
    return {
      folder,
      resuming,
      output: (given) => this.results.outputOf(input(given)) as never,
      folderOf: (given) => this.results.folderOf(input(given)),
      progress: (event) => progress?.({ ...event, task: `${step.id}: ${event.task}` }),
      signal,
    };
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
