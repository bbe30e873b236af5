import type { Knowledge, Known } from './decide.js';
import { inOrder, type Json, type Step } from './graph.js';
import { stepIdentity, type Identity } from './identity.js';
import { madeFiles, type Stamp } from './stamp.js';
import { findResult, type Found } from './find-result.js';
import { StepRecord } from './record.js';
import type { Store } from './store/store.js';

/** What is known of steps during a run, or while one is planned: what the store has of them, and what failed. */
export class StepResults {
  /** Steps that failed, with what they failed of. */
  readonly failures = new Map<Step, unknown>();
  private readonly found = new Map<Step, Found>();
  /** Recorded steps whose files could not be written from what they came to. */
  private readonly lost = new Set<Step>();

  /** @param record results of steps whose files need not be in the store */
  constructor(
    private readonly store: Store,
    private readonly record = new StepRecord(),
  ) {}

  /** Asks the store for those of `steps` that nothing is known of, as far as their inputs have results; each comes after its inputs. */
  async lookUp(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (!this.found.has(step) && !this.failures.has(step) && this.isReady(step)) await this.lookUpAgain(step);
    }
  }

  /** Asks again for those that had no result, as another process may have made it meanwhile. */
  async lookUpMissing(steps: readonly Step[]): Promise<void> {
    for (const step of steps) if (!this.has(step)) this.found.delete(step);
    await this.lookUp(steps);
  }

  /** Asks the store for one step whose inputs have results. */
  async lookUpAgain(step: Step): Promise<Found> {
    const found = await findResult(this.store, this.record, this.identity(step));
    this.found.set(step, found);
    return found;
  }

  /** What a step's result is addressed by, once its inputs have results. */
  identity(step: Step): Identity {
    const outputs = Object.entries(step.inputs).map(([name, input]) => [name, this.outputOf(input)] as const);
    return stepIdentity(step, Object.fromEntries(outputs));
  }

  /** By the steps' ids. */
  knowledge(steps: readonly Step[]): Known {
    return Object.fromEntries(steps.map((step) => [step.id, this.knowledgeOf(step)]));
  }

  private knowledgeOf(step: Step): Knowledge | undefined {
    if (this.failures.has(step)) return { state: 'failed' };
    const found = this.found.get(step);
    if (found?.state === 'cached') return { state: 'here' };
    if (found?.state !== 'recorded') return found;
    const { stamp, interrupted } = found;
    const files = !madeFiles(stamp) ? 'none' : step.restore && !this.lost.has(step) ? 'writable' : 'lost';
    return { state: 'recorded', files, interrupted };
  }

  /** Whether there is a result. */
  has(step: Step): boolean {
    return this.stampOf(step) !== undefined;
  }

  /** What a step came to, for steps that have a result. */
  stampOf(step: Step): Stamp | undefined {
    const found = this.found.get(step);
    return found?.state === 'missing' ? undefined : found?.stamp;
  }

  /** @throws Error for a step without a result */
  outputOf<Output extends Json>(step: Step<Output>): Output {
    const stamp = this.stampOf(step);
    if (stamp) return stamp.output as Output;
    throw new Error(`step "${step.id}" has no result`);
  }

  /** Whether a step's files are here: not where only the record knows of it. */
  hasFiles(step: Step): boolean {
    return this.found.get(step)?.state === 'cached';
  }

  /**
   * Where a step's files lie on this machine, brought there first where they have to be.
   *
   * @throws Error for a step without a result, or without its files
   */
  async folderOf(step: Step): Promise<string> {
    const { step: identity } = this.stampOf(step) ?? {};
    if (identity && this.hasFiles(step)) return this.store.folderOf(identity);
    throw new Error(identity ? `the files of step "${step.id}" are not here` : `step "${step.id}" has no result`);
  }

  /** Takes up what a step just came to. */
  add(step: Step, stamp: Stamp): void {
    this.found.set(step, { state: 'cached', stamp });
  }

  addFailure(step: Step, cause: unknown): void {
    this.found.delete(step);
    this.failures.set(step, cause);
  }

  /** Takes up that a recorded step has to run where its files are needed. */
  addLost(step: Step): void {
    this.lost.add(step);
  }

  /** Forgets everything that was found by what `step` came to before. */
  forgetAfter(step: Step): void {
    for (const other of [...this.found.keys()]) {
      if (other !== step && inOrder([other]).includes(step)) this.found.delete(other);
    }
  }

  /** Whether all inputs have results. */
  isReady(step: Step): boolean {
    return Object.values(step.inputs).every((input) => this.has(input));
  }
}
