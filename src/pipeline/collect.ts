import { version as tfjsVersion } from '@tensorflow/tfjs';
import { cpus } from 'node:os';
import { gearnnVersion } from '../common/version.js';
import { formatSlice } from '../data/slice.js';
import type { Engine } from '../engine/start.js';
import { averagesOf } from '../report/averages.js';
import { memoryTable } from '../report/memory.js';
import { rowOf, type Method, type ResultRow, type Results } from '../report/results.js';
import type { Executor } from './executor.js';
import type { ExperimentGraph, LevelSteps } from './experiment-graph.js';
import type { Experiment } from './experiment.js';
import type { Json, Step } from './graph.js';
import type { EvaluateOutput } from './steps/evaluate.js';
import type { FinetuneNotes } from './steps/finetune.js';

export interface CollectOptions {
  experiment: Experiment;
  graph: ExperimentGraph;
  executor: Executor;
  engine: Engine;
  /** What makes these results again. */
  command: string;
}

/** The results of all steps that are done; levels and methods that are not have no rows yet. */
export function collectResults({ experiment, graph, executor, engine, command }: CollectOptions): Results {
  const { network } = executor.outputOf(graph.base.step);
  const { classes } = graph.dataset;
  const levels = experiment.levels.map(({ text }) => text);
  const rows = rowsOf(graph, executor);
  const splits = graph.levels.flatMap(({ split }) => outputIf(executor, split)?.summary ?? []);
  const [measured] = graph.levels.flatMap(({ split }) => outputIf(executor, split) ?? []);
  return {
    experiment: experiment.experiment,
    network: network.name,
    width: network.width,
    classes,
    levels,
    rows,
    averages: averagesOf({ levels, rows }),
    memory: measured ? memoryOf(graph, executor, rows, measured.total) : [],
    budget: { text: experiment.budget, parameters: measured?.budget ?? 0, granularity: experiment.granularity },
    splits,
    training: trainingOf(graph, executor),
    rates: ratesOf(graph, executor),
    data: {
      name: graph.dataset.name,
      train: { split: formatSlice(experiment.train), samples: graph.train.count },
      validate: { split: formatSlice(experiment.validate), samples: graph.validate.count },
    },
    environment: {
      gearnn: gearnnVersion(),
      node: process.versions.node,
      engine: engine.name,
      engineVersion: engine.version,
      tfjs: tfjsVersion.tfjs,
      precision: experiment.precision,
      threads: engine.threads,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
    },
    commands: [command],
  };
}

function rowsOf(graph: ExperimentGraph, executor: Executor): ResultRow[] {
  const row = (method: Method, level: string, step: Step<EvaluateOutput>, extra = 0): ResultRow[] => {
    const output = outputIf(executor, step);
    if (!output) return [];
    const { miou, iou, pixelAccuracy, total } = output;
    return [{ method, level, miou, iou, pixelAccuracy, parameters: total + extra }];
  };
  return [
    ...row('original', 'clean', graph.clean),
    ...graph.levels.flatMap(({ level, original, switching, adapted, adaptor }) => [
      ...row('original', level, original),
      ...row('switching', level, switching),
      ...row('adaptor', level, adapted, outputIf(executor, adaptor)?.parameters),
    ]),
  ];
}

/** With an adaptor less, the base serves the level that it is best at. */
function memoryOf(graph: ExperimentGraph, executor: Executor, rows: ResultRow[], total: number): Results['memory'] {
  const done = graph.levels.flatMap(({ level, adaptor }) => {
    const output = outputIf(executor, adaptor);
    return output ? [{ level, size: output.parameters }] : [];
  });
  if (done.length === 0) return [];
  const scores = done.map(({ level }) => rowOf({ rows }, 'original', level)?.miou ?? 0);
  return memoryTable(
    total,
    done.map(({ size }) => size),
    scores.lastIndexOf(Math.max(...scores)),
  );
}

function trainingOf({ levels }: ExperimentGraph, executor: Executor): Results['training'] {
  const entry = (method: 'switching' | 'adaptor', level: string, step: Step): Results['training'] => {
    const notes = executor.stampOf(step)?.notes as FinetuneNotes | undefined;
    return notes ? [{ method, level, ...notes }] : [];
  };
  return levels.flatMap(({ level, full, adaptor }: LevelSteps) => [
    ...entry('switching', level, full),
    ...entry('adaptor', level, adaptor),
  ]);
}

function ratesOf({ trials, choices }: ExperimentGraph, executor: Executor): Results['rates'] {
  return trials.flatMap(({ method, level, learningRate, step }) => {
    const output = outputIf(executor, step);
    const choice = choices.find((other) => other.method === method && other.level === level)!;
    const chosen = outputIf(executor, choice.step)?.learningRate === learningRate;
    return output ? [{ method, level, learningRate, miou: output.miou, chosen }] : [];
  });
}

function outputIf<Output extends Json>(executor: Executor, step: Step<Output>): Output | undefined {
  return executor.stampOf(step) ? executor.outputOf(step) : undefined;
}
