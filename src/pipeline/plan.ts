import { inOrder, type Json, type Step } from './graph.js';
import { identityOf } from './identity.js';
import { madeFiles } from './stamp.js';
import type { Store } from './store.js';

/** What running a step would mean now. */
export interface PlannedStep {
  id: string;
  kind: string;
  /**
   * `cached`: its result is there. `recorded`: what it came to is in the record, and nothing needs its files, or they can be written from
   * that. `resume`: an interrupted run of it goes on. `run`: it starts anew.
   */
  state: 'cached' | 'recorded' | 'resume' | 'run';
  /** As a phrase; empty for `cached` and `recorded`. */
  why: string;
  /** Where its result is or will be; null while that depends on steps that have yet to run. */
  folder: string | null;
  /** Whether it computes in bf16, which not every machine can. */
  bf16: boolean;
}

/** Whether a step will be at work, anew or from where it was interrupted. */
export function isAhead({ state }: Pick<PlannedStep, 'state'>): boolean {
  return state === 'run' || state === 'resume';
}

/**
 * What {@link Executor} would do for these goals, in order, without doing it.
 *
 * A step after one that has yet to run is planned to run as well, although it will be found cached if that one comes out as before.
 */
export async function plan(goals: readonly Step[], store: Store): Promise<PlannedStep[]> {
  const outputs = new Map<Step, Json>();
  const planned = new Map<Step, PlannedStep>();
  const withFiles = new Set<Step>();
  for (const step of inOrder(goals)) {
    const { id, kind } = step;
    const bf16 = JSON.stringify(step.settings).includes('"precision":"bf16"');
    const pending = Object.values(step.inputs).filter((input) => !outputs.has(input));
    if (pending.length > 0) {
      const names = pending.map((input) => `"${input.id}"`);
      const others = names.length > 1 ? ` and ${names.length - 1} more` : '';
      planned.set(step, { id, kind, state: 'run', why: `it comes after ${names[0]}${others}`, folder: null, bf16 });
      continue;
    }
    const identity = identityOf(step, inputOutputs(step, outputs));
    const found = await store.find(identity);
    const recorded = found.state === 'cached' ? undefined : store.record.find(identity);
    const stamp = found.state === 'cached' ? found.stamp : recorded;
    if (stamp) outputs.set(step, stamp.output);
    if (stamp && madeFiles(stamp)) withFiles.add(step);
    const state = recorded ? 'recorded' : found.state;
    const why = found.state === 'cached' || recorded ? '' : found.why;
    planned.set(step, { id, kind, state, why, folder: store.folderOf(identity), bf16 });
  }
  // From the last on, as what runs for its files needs its own inputs' files.
  for (const step of [...planned.keys()].reverse()) {
    const own = planned.get(step)!;
    if (!isAhead(own)) continue;
    for (const input of Object.values(step.inputs)) {
      const before = planned.get(input)!;
      if (before.state === 'recorded' && withFiles.has(input) && !input.restore)
        planned.set(input, { ...before, state: 'run', why: `"${own.id}" needs its files` });
    }
  }
  return [...planned.values()];
}

/** Outputs of a step's inputs by the names that it knows them under. */
export function inputOutputs(step: Step, outputs: ReadonlyMap<Step, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(step.inputs).map(([name, input]) => [name, outputs.get(input)!]));
}
