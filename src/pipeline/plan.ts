import { decide } from './decide.js';
import { inOrder, nodeOf, type Step } from './graph.js';
import { StepResults } from './step-results.js';
import type { StepRecord } from './record.js';
import type { Store } from './store/store.js';

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
export async function plan(goals: readonly Step[], store: Store, record?: StepRecord): Promise<PlannedStep[]> {
  const steps = inOrder(goals);
  const results = new StepResults(store, record);
  await results.lookUp(steps);
  const decisions = decide(steps.map(nodeOf), results.knowledge(steps));
  const planned = steps.map(async (step, i): Promise<PlannedStep> => {
    const { state, why } = decisions[i]!;
    return {
      id: step.id,
      kind: step.kind,
      // Nothing has failed yet, and files that can be written take no time.
      state: state === 'cached' || state === 'run' || state === 'resume' ? state : 'recorded',
      why,
      folder: results.isReady(step) ? await store.locationOf(results.identity(step)) : null,
      bf16: JSON.stringify(step.settings).includes('"precision":"bf16"'),
    };
  });
  return Promise.all(planned);
}
