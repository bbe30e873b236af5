import type { StepEvent } from '../src/pipeline/executor.js';
import type { Step } from '../src/pipeline/graph.js';
import type { PlannedStep } from '../src/pipeline/plan.js';

/** What `runExperiment` tells of its steps. */
export interface StepPrinter {
  onStart(steps: number): void;
  onStep(event: StepEvent): void;
}

/**
 * A line when a step begins and one when it ends. Steps that are done already are counted in one line, at the start: the executor
 * comes across them level by level.
 *
 * @param planned what the run would do, as planned before it
 */
export function createStepPrinter(planned: readonly PlannedStep[], note: (text: string) => void): StepPrinter {
  const done = planned.filter(({ state }) => state === 'cached' || state === 'recorded').length;
  // A step that is done already may run later all the same, for its files.
  const seen = new Set<Step>();
  let total = 0;
  return {
    onStart(steps) {
      total = steps;
      if (done > 0) note(`${done} of ${total} steps are done already`);
    },
    onStep({ step, event, why, seconds, worker }) {
      const by = worker === undefined ? '' : ` by ${worker}`;
      if (event === 'waits') return note(`${step.id}: waits for ${why}`);
      seen.add(step);
      if (event === 'cached') return;
      if (event === 'done') note(`${step.id}: done${by} in ${duration(seconds!)}`);
      else if (event === 'failed') note(`${step.id}: failed: ${why}`);
      else note(`[${seen.size}/${total}] ${step.id}: ${event === 'resume' ? 'goes on' : 'begins'}${by} (${why})`);
    },
  };
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
