import type { Progress } from '../../src/common/progress.js';
import type { StepEvent } from '../../src/pipeline/executor.js';
import type { Json } from '../../src/pipeline/graph.js';
import { StepResults } from '../../src/pipeline/step-results.js';
import { openStore } from '../../src/pipeline/store/open-store.js';
import { Coordinator } from '../../src/queue/coordinator.js';
import type { QueueTimes } from '../../src/queue/job.js';
import { describe } from './describe.js';
import { type SleepingStep, sleepingSteps } from './sleeping.js';

export interface SleepingRun {
  queue: string;
  /** The store: a folder, or a bucket. */
  folder: string;
  written: readonly SleepingStep[];
  times?: Partial<QueueTimes>;
  /** Of the program, as workers are told. */
  version?: number;
  signal?: AbortSignal;
  onStep?: (event: StepEvent) => void;
  onNote?: (text: string) => void;
  progress?: Progress;
}

/** Has workers bring sleeping steps about. @returns what each came to, by id, and why others failed */
export async function coordinateSleeping(
  run: SleepingRun,
): Promise<{ outputs: Record<string, Json>; failures: string[] }> {
  const { folder, written, version, ...options } = run;
  const steps = sleepingSteps(written);
  const byId = new Map(written.map((step) => [step.id, step]));
  const store = await openStore(folder);
  const results = new StepResults(store);
  const coordinator = new Coordinator({
    ...options,
    ...{ store, results },
    describe: (step) => describe(byId.get(step.id)!, step, results, version) as unknown as Json,
  });
  await coordinator.run([[...steps.values()]]);
  const done = [...steps.values()].filter((step) => results.has(step));
  return {
    outputs: Object.fromEntries(done.map((step) => [step.id, results.outputOf(step)])),
    failures: [...results.failures.values()].map((error) => (error as Error).message),
  };
}
