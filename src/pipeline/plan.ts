import { inOrder, type Json, type Step } from './graph.js';
import { identityOf } from './identity.js';
import type { Store } from './store.js';

/** What running a step would mean now. */
export interface PlannedStep {
  id: string;
  kind: string;
  /** `cached`: its result is there. `resume`: an interrupted run of it goes on. `run`: it starts anew. */
  state: 'cached' | 'resume' | 'run';
  /** As a phrase; empty for `cached`. */
  why: string;
  /** Where its result is or will be; null while that depends on steps that have yet to run. */
  folder: string | null;
}

/**
 * What {@link Executor} would do for these goals, in order, without doing it.
 *
 * A step after one that has yet to run is planned to run as well, although it will be found cached if that one comes out as before.
 */
export async function plan(goals: readonly Step[], store: Store): Promise<PlannedStep[]> {
  const outputs = new Map<Step, Json>();
  const planned: PlannedStep[] = [];
  for (const step of inOrder(goals)) {
    const { id, kind } = step;
    const pending = Object.values(step.inputs).filter((input) => !outputs.has(input));
    if (pending.length > 0) {
      const names = pending.map((input) => `"${input.id}"`);
      const others = names.length > 1 ? ` and ${names.length - 1} more` : '';
      planned.push({ id, kind, state: 'run', why: `it comes after ${names[0]}${others}`, folder: null });
      continue;
    }
    const identity = identityOf(step, inputOutputs(step, outputs));
    const found = await store.find(identity);
    if (found.state === 'cached') outputs.set(step, found.stamp.output);
    const why = found.state === 'cached' ? '' : found.why;
    planned.push({ id, kind, state: found.state, why, folder: store.folderOf(identity) });
  }
  return planned;
}

/** Outputs of a step's inputs by the names that it knows them under. */
export function inputOutputs(step: Step, outputs: ReadonlyMap<Step, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(step.inputs).map(([name, input]) => [name, outputs.get(input)!]));
}
