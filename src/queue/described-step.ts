import { gearnnVersion } from '../common/version.js';
import { readJsonFile } from '../common/json-file.js';
import type { Engine } from '../engine/start.js';
import { configSchema, type ExperimentConfig } from '../pipeline/config.js';
import type { Experiment } from '../pipeline/experiment.js';
import type { Json, Step } from '../pipeline/graph.js';
import type { StepResults } from '../pipeline/step-results.js';
import { describeStep, type TravellingStep } from '../pipeline/travel.js';

/** An experiment as it travels: workers make the same steps of it. */
export interface DescribedExperiment {
  /** With what the run was told by flags, where that is part of steps' addresses: engine, precision, one kind of machine. */
  config: ExperimentConfig;
  /** Absolute; what the config names by relative paths lies beside it. */
  path: string;
  /** Example images are among the steps. */
  frames: boolean;
}

/** A step as it travels. */
export interface DescribedStep extends TravellingStep {
  /** Version of gearnn that described it. */
  version: string;
  experiment: DescribedExperiment;
}

/** @param frames whether the run makes example images */
export async function describeExperiment(
  { path, precision, sameMachine }: Experiment,
  engine: Pick<Engine, 'name'>,
  frames: boolean,
): Promise<DescribedExperiment> {
  const config = await readJsonFile(path, configSchema, {
    code: 'E_PIPELINE_CONFIG',
    expected: 'the config of an experiment',
    todo: 'docs/config.md explains every field.',
  });
  return { config: { ...config, engine: engine.name, precision, sameMachine }, path, frames };
}

/** A step whose inputs have results. */
export function describeQueued(experiment: DescribedExperiment, step: Step, results: StepResults): DescribedStep {
  return { version: gearnnVersion(), experiment, ...describeStep(step, results) };
}

/** As JSON, which jobs are made of. */
export function asJson(described: DescribedStep): Json {
  return JSON.parse(JSON.stringify(described)) as Json;
}
