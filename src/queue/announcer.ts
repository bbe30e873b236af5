import type { StepEvent } from '../pipeline/executor.js';
import type { Step } from '../pipeline/graph.js';
import type { StepResults } from '../pipeline/step-results.js';

/** Tells the watcher of a run what happens to steps, each thing once. */
export class Announcer {
  private readonly announced = new Set<Step>();

  constructor(private readonly onStep: ((event: StepEvent) => void) | undefined) {}

  /** A worker has begun. */
  begins(step: Step, { resuming, why, worker }: { resuming: boolean; why: string; worker: string }): void {
    this.onStep?.({ step, event: resuming ? 'resume' : 'run', why, worker });
  }

  ended(step: Step, ended: Pick<StepEvent, 'event' | 'why' | 'seconds' | 'worker'>): void {
    this.announced.add(step);
    this.onStep?.({ step, ...ended });
  }

  /** Those of `steps` that have a result and have not been told of: they were there already. */
  cached(steps: readonly Step[], results: StepResults): void {
    for (const step of steps) {
      if (!results.has(step) || this.announced.has(step)) continue;
      this.ended(step, { event: 'cached', why: '' });
    }
  }
}
