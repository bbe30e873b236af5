import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Engine } from '../../src/engine/start.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { inOrder } from '../../src/pipeline/graph.js';
import { readRecord } from '../../src/pipeline/record.js';
import { planSteps } from '../../src/pipeline/run.js';
import { longestChain, schedule, type Schedule, type TimedStep } from './schedule.js';

export interface ExperimentsSchedule {
  /** Of one experiment. */
  steps: number;
  levels: number;
  /** Steps that the record has no time of, such as example images, which count as nothing. */
  untimed: number;
  experiments: number;
  seconds: number;
  chain: { seconds: number; ids: string[] };
  rows: Schedule[];
}

/**
 * How long so many experiments alike take on so many workers, by the times that the steps of one took and the graph that gearnn makes of
 * its config. Nothing is computed, and no data are read.
 *
 * @param config whose folder holds a `record.jsonl`
 * @param overhead seconds of the queue per step
 */
export async function scheduleExperiments(
  config: string,
  experiments: number,
  workers: readonly number[],
  overhead: number,
): Promise<ExperimentsSchedule> {
  const { steps, levels, untimed } = await timedSteps(config);
  const all = Array.from({ length: experiments }, (_, i) => steps.map((step) => renamed(step, `${i}:`))).flat();
  return {
    ...{ steps: steps.length, levels, untimed, experiments },
    seconds: steps.reduce((sum, { seconds }) => sum + seconds, 0),
    chain: longestChain(steps),
    rows: workers.map((count) => schedule(all, count, overhead)),
  };
}

/** The steps of an experiment, each with the time that the record says it took. */
export async function timedSteps(path: string): Promise<{ steps: TimedStep[]; levels: number; untimed: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'gearnn-schedule-'));
  try {
    const config = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown> & {
      base: { checkpoint: string };
      rates?: object;
    };
    // Drawn scenes in the place of the data: the steps are the same.
    const base = { checkpoint: resolve(dirname(path), config.base.checkpoint) };
    const rates = config.rates && { ...config.rates, train: '0:20', validate: '20:40' };
    const copy = join(folder, 'config.json');
    await writeFile(copy, JSON.stringify({ ...config, base, rates, data: 'scenes', train: 'train', validate: 'val' }));
    const experiment = await readExperiment(copy);
    const engine = { name: 'cpu', version: '0', precision: 'fp32', threads: 1 } as Engine;
    const { goals } = await planSteps({ experiment, work: folder, engine });
    const record = await readRecord(join(dirname(path), 'record.jsonl'));
    const order = inOrder(goals);
    const steps = order.map(({ id, inputs }) => ({
      ...{ id, seconds: record.latest(id)?.seconds ?? 0 },
      inputs: Object.values(inputs).map((input) => input.id),
    }));
    const untimed = order.filter(({ id }) => !record.latest(id)).length;
    return { steps, levels: experiment.levels.length, untimed };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function renamed({ id, seconds, inputs }: TimedStep, prefix: string): TimedStep {
  return { id: prefix + id, seconds, inputs: inputs.map((input) => prefix + input) };
}
