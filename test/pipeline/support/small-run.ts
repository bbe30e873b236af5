import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine, type Engine } from '../../../src/engine/start.js';
import { buildGraph, type ExperimentGraph } from '../../../src/pipeline/experiment-graph.js';
import { readExperiment } from '../../../src/pipeline/experiment.js';
import type { StepEvent } from '../../../src/pipeline/executor.js';
import { runExperiment } from '../../../src/pipeline/run.js';
import type { Results } from '../../../src/report/schema.js';

/** An experiment that takes seconds; an image decides at a time, so that a handful has intervals. */
export const SMALL_RUN = {
  experiment: 'small',
  data: 'scenes:7@32x64',
  train: 'train[0:10]',
  validate: 'val[0:3]',
  base: { train: { model: 'drn-d-22', width: 0.125, size: '32x64', batch: 2, epochs: 1, learningRate: 0.02 } },
  levels: ['jpeg=5'],
  budget: '2%',
  finetune: { epochs: 2, learningRate: { full: 0.01, adaptor: 0.01 } },
  intervals: { block: 1 },
  seed: 1,
};

/** The steps of such an experiment; no engine runs. */
export async function smallGraph(folder: string, changes: object): Promise<ExperimentGraph> {
  const engine = { name: 'cpu', version: '0', precision: 'fp32', threads: 1 } as Engine;
  const experiment = await read(folder, changes);
  return buildGraph({ experiment, work: folder, engine, frames: false });
}

/** Runs it through everything in `WORK/work`, into `WORK/out`. @returns its results, and ids of the steps that ran */
export async function smallRun(folder: string, changes: object): Promise<{ results: Results; ran: string[] }> {
  const engine = await startEngine({ engine: 'tensorflow' });
  const experiment = await read(folder, changes);
  const ran: string[] = [];
  const onStep = ({ step, event }: StepEvent): void => {
    if (event === 'run') ran.push(step.id);
  };
  const places = { work: join(folder, 'work'), out: join(folder, 'out') };
  const options = { experiment, ...places, engine, onStep, frames: false, command: 'gearnn run config.json' };
  return { results: (await runExperiment(options)).results, ran };
}

async function read(folder: string, changes: object) {
  const path = join(folder, 'config.json');
  await writeFile(path, JSON.stringify({ ...SMALL_RUN, ...changes }));
  return readExperiment(path);
}
