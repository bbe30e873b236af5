import { setImmediate } from 'node:timers/promises';
import { GearnnError } from '../common/errors.js';
import { explainSystemError } from '../common/system-error.js';
import { canonicalJson } from '../common/files.js';
import type { Progress } from '../common/progress.js';
import type { Machine } from '../engine/machine.js';
import { inOrder, type Json, type Step, type StepContext } from './graph.js';
import { identityOf, type Identity } from './identity.js';
import { inputOutputs } from './plan.js';
import { madeFiles, type Stamp } from './stamp.js';
import type { Found, Store } from './store.js';

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

/** A finished step. */
interface Done {
  stamp: Stamp;
  /** Where its files lie; null where only the record knows of it. */
  folder: string | null;
}

type Missing = Exclude<Found, { state: 'cached' }>;

/** Runs steps that have no result yet, one at a time, each after its inputs. */
export class Executor {
  /** Steps that failed, with what they failed of. Steps that need one of them are left out. */
  readonly failures = new Map<Step, unknown>();
  private readonly done = new Map<Step, Done>();
  /** How often a recorded step came out otherwise, and results that followed from it were let go of. */
  private surprises = 0;
  /** Steps that the watcher has heard of. */
  private readonly announced = new Set<Step>();

  constructor(private readonly options: ExecutorOptions) {}

  /**
   * Brings groups of goals and everything they need about, one group after the other. A failed step does not keep those from running
   * that do not need it; it is not tried again within this executor. A step that the record knows of runs only for its files, where one
   * that has to run reads them. Where it then comes out otherwise, earlier groups that followed from it come again.
   *
   * @param after called after each group
   * @returns whether every goal has its result; {@link failures} tells what failed otherwise
   * @throws the signal's reason
   */
  async run(groups: readonly (readonly Step[])[], after: () => Promise<void> = async () => {}): Promise<boolean> {
    let known: number;
    do {
      known = this.surprises;
      for (const group of groups) {
        await this.runGroup(group);
        await after();
      }
    } while (this.surprises > known);
    return groups.flat().every((goal) => this.done.has(goal));
  }

  private async runGroup(goals: readonly Step[]): Promise<void> {
    const order = inOrder(goals);
    let next = 0;
    while (next < order.length) {
      this.options.signal?.throwIfAborted();
      const step = order[next++]!;
      if (this.done.has(step)) this.announceCached(step);
      if (this.done.has(step) || this.failures.has(step) || !this.isReady(step)) continue;
      // Where a recorded step came out otherwise now, what followed from it is looked up again.
      if ((await this.bring(step)) === 'forgot') next = 0;
    }
  }

  /** Takes up what the store has of `goals` and what they need; runs nothing. */
  async recall(goals: readonly Step[]): Promise<void> {
    for (const step of inOrder(goals)) {
      if (!this.done.has(step) && this.isReady(step)) await this.lookUp(step);
    }
  }

  /** What a step came to, for steps that have a result. */
  stampOf(step: Step): Stamp | undefined {
    return this.done.get(step)?.stamp;
  }

  /** @throws Error for a step without a result */
  outputOf<Output extends Json>(step: Step<Output>): Output {
    return this.doneOf(step).stamp.output as Output;
  }

  /** Whether a step's files are here: not where only the record knows of it. */
  hasFiles(step: Step): boolean {
    return typeof this.done.get(step)?.folder === 'string';
  }

  /** @throws Error for a step without a result, or without its files */
  folderOf(step: Step): string {
    const { folder } = this.doneOf(step);
    if (folder !== null) return folder;
    throw new Error(`the files of step "${step.id}" are not here`);
  }

  /** Asks the store for a step; what is there is done with that. */
  private async lookUp(step: Step): Promise<{ identity: Identity; found: Found }> {
    const { store } = this.options;
    const outputs = new Map(Object.values(step.inputs).map((input) => [input, this.outputOf(input)]));
    const identity = identityOf(step, inputOutputs(step, outputs));
    const found = await store.find(identity);
    const recorded = store.record.find(identity);
    if (found.state === 'cached') this.done.set(step, { stamp: found.stamp, folder: store.folderOf(identity) });
    else if (recorded) this.done.set(step, { stamp: recorded, folder: null });
    return { identity, found };
  }

  /** Takes up a step's result, or runs it, for which its inputs' files have to be here. */
  private async bring(step: Step): Promise<'forgot' | undefined> {
    const { identity, found } = await this.lookUp(step);
    if (this.done.has(step)) return void this.announceCached(step);
    if ((await this.makeFiles(Object.values(step.inputs), step)) === 'forgot') return 'forgot';
    if (this.isReady(step)) await this.execute(step, identity, found as Missing);
    return undefined;
  }

  /** Runs those of `steps` of which there is a result, without the files that belong to it. */
  private async makeFiles(steps: readonly Step[], reader: Step): Promise<'forgot' | undefined> {
    for (const step of steps) {
      const known = this.done.get(step);
      if (!known || known.folder !== null || !madeFiles(known.stamp)) continue;
      if (await this.restore(step, known.stamp)) continue;
      if ((await this.makeFiles(Object.values(step.inputs), step)) === 'forgot') return 'forgot';
      if (!this.isReady(step)) {
        // An input of it failed.
        this.done.delete(step);
        continue;
      }
      const before = known.stamp;
      const { identity, found } = await this.lookUp(step);
      const why = `"${reader.id}" needs its files`;
      // Another step of the same address may have made them meanwhile.
      if (found.state === 'cached') this.announceCached(step);
      else await this.execute(step, identity, { state: found.state, why });
      const after = this.done.get(step);
      if (after && canonicalJson(after.stamp.output) !== canonicalJson(before.output)) {
        this.forgetAfter(step);
        return 'forgot';
      }
    }
    return undefined;
  }

  /** Writes a recorded step's files without running it, where it can. */
  private async restore(step: Step, stamp: Stamp): Promise<boolean> {
    const { store } = this.options;
    if (!step.restore || !this.isReady(step)) return false;
    const write = (folder: string): Promise<boolean> =>
      step.restore!(stamp.output, this.contextOf(step, folder, false));
    if (!(await store.restore(stamp, write))) return false;
    this.done.set(step, { stamp, folder: store.folderOf(stamp.step) });
    this.announceCached(step);
    return true;
  }

  /** Lets go of every result that was found by what `step` came to before. */
  private forgetAfter(step: Step): void {
    this.surprises++;
    for (const other of [...this.done.keys()]) {
      if (other !== step && inOrder([other]).includes(step)) this.done.delete(other);
    }
  }

  private isReady(step: Step): boolean {
    return Object.values(step.inputs).every((input) => this.done.has(input));
  }

  private async execute(step: Step, identity: Identity, { state, why }: Missing): Promise<void> {
    const { store, machine, onStep, signal } = this.options;
    this.announced.add(step);
    onStep?.({ step, event: state, why });
    const start = performance.now();
    const folder = await store.begin(identity, state === 'resume');
    try {
      const result = await step.run(this.contextOf(step, folder, state === 'resume'));
      const seconds = (performance.now() - start) / 1000;
      const stamp = await store.finish(identity, result, { seconds, machine });
      this.done.set(step, { stamp, folder });
      onStep?.({ step, event: 'done', why: '', seconds: stamp.seconds });
    } catch (error) {
      signal?.throwIfAborted();
      this.done.delete(step);
      this.failures.set(step, error);
      onStep?.({ step, event: 'failed', why: messageOf(error) });
    }
    // Signals get through even where steps are done without waiting for anything.
    await setImmediate();
  }

  /** Tells the watcher of a result that was there already, once. */
  private announceCached(step: Step): void {
    if (this.announced.has(step)) return;
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
      output: (given) => this.outputOf(input(given)) as never,
      folderOf: (given) => this.folderOf(input(given)),
      progress: (event) => progress?.({ ...event, task: `${step.id}: ${event.task}` }),
      signal,
    };
  }

  private doneOf(step: Step): Done {
    const done = this.done.get(step);
    if (done) return done;
    throw new Error(`step "${step.id}" has no result`);
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
