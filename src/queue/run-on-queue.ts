import type { Engine } from '../engine/start.js';
import type { ExecutorOptions } from '../pipeline/executor.js';
import type { Experiment } from '../pipeline/experiment.js';
import { StepResults } from '../pipeline/step-results.js';
import type { CoordinatorOptions } from './coordinator-options.js';
import { Coordinator } from './coordinator.js';
import { asJson, describeExperiment, describeQueued } from './described-step.js';

export interface QueueRunOptions extends Pick<CoordinatorOptions, 'queue' | 'onNote' | 'times'> {
  experiment: Experiment;
  /** The running engine, whose name workers have to compute by. */
  engine: Engine;
  /** Whether the run makes example images. */
  frames: boolean;
}

/** What runs an experiment's steps by workers, in the place of this process. */
export async function onQueue({
  experiment,
  engine,
  frames,
  ...own
}: QueueRunOptions): Promise<(options: ExecutorOptions) => Coordinator> {
  const described = await describeExperiment(experiment, engine, frames);
  return ({ store, record, ...options }) => {
    const results = new StepResults(store, record);
    return new Coordinator({
      ...{ ...own, ...options, store, results },
      describe: (step) => asJson(describeQueued(described, step, results)),
    });
  };
}
