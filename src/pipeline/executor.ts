import { setImmediate } from 'node:timers/promises';
import { GearnnError } from '../common/errors.js';
import type { Progress } from '../common/progress.js';
import { inOrder, type Json, type Step, type StepContext } from './graph.js';
import { identityOf, type Identity } from './identity.js';
import { inputOutputs } from './plan.js';
import type { Found, Stamp, Store } from './store.js';

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
  progress?: Progress;
  onStep?: (event: StepEvent) => void;
  /** When aborted, the running step saves and stops, and its reason is thrown. */
  signal?: AbortSignal;
}

/** A finished step. */
interface Done {
  stamp: Stamp;
  folder: string;
}

/** Runs steps that have no result yet, one at a time, each after its inputs. */
export class Executor {
  /** Steps that failed, with what they failed of. Steps that need one of them are left out. */
  readonly failures = new Map<Step, unknown>();
  private readonly done = new Map<Step, Done>();
  /** Steps that the watcher has heard of. */
  private readonly announced = new Set<Step>();

  constructor(private readonly options: ExecutorOptions) {}

  /**
   * Brings `goals` and everything they need about. A failed step does not keep those from running that do not need it; it is not
   * tried again within this executor.
   *
   * @returns whether every goal has its result; {@link failures} tells what failed otherwise
   * @throws the signal's reason
   */
  async run(goals: readonly Step[]): Promise<boolean> {
    for (const step of inOrder(goals)) {
      this.options.signal?.throwIfAborted();
      if (this.done.has(step)) this.announceCached(step);
      const ready = Object.values(step.inputs).every((input) => this.done.has(input));
      if (this.done.has(step) || this.failures.has(step) || !ready) continue;
      await this.runStep(step);
    }
    return goals.every((goal) => this.done.has(goal));
  }

  /** Takes up what the store has of `goals` and what they need; runs nothing. */
  async recall(goals: readonly Step[]): Promise<void> {
    for (const step of inOrder(goals)) {
      if (this.done.has(step) || Object.values(step.inputs).some((input) => !this.done.has(input))) continue;
      await this.lookUp(step);
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

  /** @throws Error for a step without a result */
  folderOf(step: Step): string {
    return this.doneOf(step).folder;
  }

  /** Asks the store for a step; what is there is done with that. */
  private async lookUp(step: Step): Promise<{ identity: Identity; found: Found }> {
    const { store } = this.options;
    const outputs = new Map(Object.values(step.inputs).map((input) => [input, this.outputOf(input)]));
    const identity = identityOf(step, inputOutputs(step, outputs));
    const found = await store.find(identity);
    if (found.state === 'cached') {
      this.done.set(step, { stamp: found.stamp, folder: store.folderOf(identity) });
    }
    return { identity, found };
  }

  private async runStep(step: Step): Promise<void> {
    const { store, onStep, signal } = this.options;
    const { identity, found } = await this.lookUp(step);
    if (found.state === 'cached') return this.announceCached(step);
    this.announced.add(step);
    onStep?.({ step, event: found.state, why: found.why });
    const start = performance.now();
    const folder = await store.begin(identity, found.state === 'resume');
    try {
      const result = await step.run(this.contextOf(step, folder, found.state === 'resume'));
      const stamp = await store.finish(identity, result, (performance.now() - start) / 1000);
      this.done.set(step, { stamp, folder });
      onStep?.({ step, event: 'done', why: '', seconds: stamp.seconds });
    } catch (error) {
      signal?.throwIfAborted();
      this.failures.set(step, error);
      onStep?.({ step, event: 'failed', why: error instanceof Error ? error.message : String(error) });
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

/** The error that a run with failed steps ends with: it names the first one, and counts the others. */
export function failureOf(failures: ReadonlyMap<Step, unknown>): GearnnError | undefined {
  const [first] = failures;
  if (!first) return undefined;
  const [step, cause] = first;
  const others = failures.size > 1 ? `; ${failures.size - 1} more failed as well` : '';
  return new GearnnError('E_PIPELINE_STEP', {
    where: `step "${step.id}"`,
    expected: 'it to end well',
    got: `an error: ${cause instanceof Error ? cause.message : String(cause)}${others}`,
    todo: 'What the other steps made is kept: mend this and run the same command again.',
    cause,
  });
}
