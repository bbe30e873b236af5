import tf from '../common/tf.cjs';
import { gearnnVersion } from '../common/version.js';
import { formatSlice } from '../data/slice.js';
import { machineSize } from '../engine/cpu.js';
import type { Engine } from '../engine/start.js';
import { bandChanges } from '../frequency/bands.js';
import { averagesOf } from '../report/averages.js';
import { gainOver, metricOf as shownAs } from '../report/metrics.js';
import { nameOf, scoreOf } from '../report/rows.js';
import { FORMAT, VERSION, type Choice, type MethodInfo, type ResultRow, type Results } from '../report/schema.js';
import { memoryTable } from '../select/memory.js';
import { changedShareOf, memberSizes, type SplitSummary } from '../select/split-summary.js';
import type { ExperimentGraph } from './experiment-graph.js';
import type { Experiment } from './experiment.js';
import type { Json, Step } from './graph.js';
import type { StepResults } from './step-results.js';
import { intervalsOf } from './intervals.js';
import { methodKinds } from './methods/registry.js';
import { metricOf } from './metric.js';
import { seedScores } from './seed-scores.js';
import { type EvaluateOutput, scoresIn, type StoredCounts } from './steps/evaluate.js';
import type { FinetuneNotes } from './steps/finetune.js';
import { scoreIn } from './steps/trial.js';
import { unseenResults } from './unseen-results.js';
import { without } from './without.js';
import type { SplitOutput } from './steps/outputs.js';

export interface CollectOptions {
  experiment: Experiment;
  graph: ExperimentGraph;
  done: StepResults;
  engine: Engine;
  /** What the steps ran on. */
  machines: Results['environment']['machines'];
  /** What makes these results again. */
  command: string;
  /** Of evaluations that have them. */
  counts: ReadonlyMap<Step, StoredCounts>;
}

/** The results of all steps that are done; levels and methods that are not have no rows yet. */
export function collectResults(options: CollectOptions): Results {
  const { experiment, graph, done, engine, machines, command, counts } = options;
  const { network } = done.outputOf(graph.base.step);
  const { classes } = graph.dataset;
  const levels = experiment.levels.map(({ text }) => text);
  const compared = methodsOf(graph);
  const rows = rowsOf(graph, done);
  const averages = averagesOf({ levels, methods: compared, rows });
  const shown =
    nameOf({ methods: compared }, 'adaptor') ?? compared.find(({ resident }) => resident === 'adaptors')?.name;
  const splits = splitsOf(graph, done, shown);
  const scores = metricOf(graph.dataset)?.compared;
  return {
    format: FORMAT,
    version: VERSION,
    experiment: experiment.experiment,
    network: network.name,
    width: network.width,
    classes,
    levels,
    methods: compared,
    rows,
    ...(scores && scores.length > 1 && { compared: [...scores] }),
    averages,
    ...seedScores(graph, done, { experiment, averages, rows, compared: scores }),
    intervals: intervalsOf(graph, { averages, methods: compared }, counts, experiment),
    ...unseenResults({ experiment, graph, done, counts, methods: compared, averages }),
    memory: memoryOf(graph, done, compared, rows),
    budget: { ...allowanceOf(graph, shown, experiment), parameters: splits[0]?.budget ?? 0 },
    splits: splits.map(({ summary }) => ({ ...summary, changed: changedShareOf(summary) })),
    choices: compared.flatMap(({ name }) =>
      splitsOf(graph, done, name).map(({ summary }) => chosenItems(name, summary)),
    ),
    ...keptOf(graph, done),
    ...alternationOf(graph, done),
    training: trainingOf(graph, compared, done),
    rates: ratesOf(graph, done),
    frequency: frequencyOf(graph, done),
    data: {
      name: graph.dataset.name,
      train: { split: formatSlice(experiment.train), samples: graph.train.count },
      validate: { split: formatSlice(experiment.validate), samples: graph.validate.count },
      ...(graph.dataset.unlabelled && { agreement: true as const }),
    },
    environment: {
      gearnn: gearnnVersion(),
      node: process.versions.node,
      engine: engine.name,
      engineVersion: engine.version,
      tfjs: tf.version.tfjs,
      precision: experiment.precision,
      threads: engine.threads,
      cpu: machineSize().processor,
      machines,
    },
    commands: [command],
  };
}

/** What a method's adaptors may hold, and what is chosen among: its own options, or the experiment's. */
function allowanceOf(
  graph: ExperimentGraph,
  method: string | undefined,
  experiment: Experiment,
): Pick<Results['budget'], 'text' | 'granularity'> {
  const own = graph.methods.find(({ name }) => name === method)?.options as
    Partial<Pick<Experiment, 'budget' | 'granularity'>> | undefined;
  return { text: own?.budget ?? experiment.budget, granularity: own?.granularity ?? experiment.granularity };
}

function methodsOf(graph: ExperimentGraph): MethodInfo[] {
  return graph.methods.map(({ name, kind, options }) => {
    const { description, resident } = methodKinds[kind]!;
    return { name, kind, description, resident, options };
  });
}

function rowsOf(graph: ExperimentGraph, done: StepResults): ResultRow[] {
  const row = (method: string, level: string, step: Step<EvaluateOutput>, extra = 0): ResultRow[] => {
    const output = outputIf(done, step);
    if (!output) return [];
    return [{ method, level, ...scoresIn(output), parameters: output.total + extra }];
  };
  const base = graph.methods.find(({ kind }) => kind === 'original')?.name ?? 'original';
  return [
    ...row(base, 'clean', graph.clean),
    ...graph.levels.flatMap(({ level, cells }) =>
      cells.flatMap(({ method, evaluation, adaptor }) =>
        row(method, level, evaluation, adaptor && outputIf(done, adaptor)?.parameters),
      ),
    ),
  ];
}

/** What a method's splits came to, at the levels where they are done. */
function splitsOf(graph: ExperimentGraph, done: StepResults, method: string | undefined): SplitOutput[] {
  const cells = graph.levels.flatMap((level) => level.cells.filter((cell) => cell.method === method));
  return cells.flatMap(({ split }) => (split && outputIf(done, split)) ?? []);
}

function chosenItems(method: string, summary: SplitSummary): Choice {
  const { level, items, size } = summary;
  return { method, level, items, size, groups: memberSizes(summary) };
}

/** With an adaptor less, the base serves the level that it is best at. */
function memoryOf(
  graph: ExperimentGraph,
  done: StepResults,
  compared: readonly MethodInfo[],
  rows: ResultRow[],
): Results['memory'] {
  const original = nameOf({ methods: compared }, 'original') ?? 'original';
  const score = (level: string): number => gainOver(scoreOf({ rows }, original, level) ?? 0, 0, shownAs({ rows }));
  const total = rows[0]?.parameters;
  if (total === undefined) return [];
  const resident = compared.flatMap(({ name, resident }) => {
    const cells = graph.levels.flatMap((steps) =>
      steps.cells.filter(({ method }) => method === name).map((cell) => ({ level: steps.level, ...cell })),
    );
    const levels = rows.filter(({ method, level }) => method === name && level !== 'clean').length;
    const adaptors = cells.flatMap(({ level, adaptor }) => {
      const output = adaptor && outputIf(done, adaptor);
      return output ? [{ level, size: output.parameters }] : [];
    });
    if (levels === 0) return [];
    const scores = adaptors.map(({ level }) => score(level));
    const served = scores.lastIndexOf(Math.max(...scores));
    return [{ name, resident, levels, sizes: adaptors.map(({ size }) => size), served }];
  });
  return memoryTable(total, resident);
}

/** Of adaptors that have to win first; nothing where no method has such. */
function keptOf({ levels }: ExperimentGraph, done: StepResults): Pick<Results, 'kept'> {
  const kept = levels.flatMap(({ level, cells }) =>
    cells.flatMap(({ method, kept: step }) => {
      const output = step && outputIf(done, step);
      if (!output) return [];
      const [points, low, high] = [output.gain, output.low, output.high].map((share) => 100 * share);
      const { kept, share } = output;
      return [{ method, level, kept, ...(share !== undefined && { share }), points: points!, low: low!, high: high! }];
    }),
  );
  return kept.length > 0 ? { kept } : {};
}

/** Of sequences whose level changes; nothing where that is not measured. */
function alternationOf({ alternations }: ExperimentGraph, done: StepResults): Pick<Results, 'alternation'> {
  const rows = alternations.flatMap(({ method, burst, step }) => {
    const output = outputIf(done, step);
    return output ? [{ method, burst, scores: output.scores }] : [];
  });
  return rows.length > 0 ? { alternation: rows } : {};
}

/** Per level and method; once where one network serves all levels. */
function trainingOf(
  { levels, base: first }: ExperimentGraph,
  compared: readonly MethodInfo[],
  done: StepResults,
): Results['training'] {
  const single = new Set(compared.filter(({ resident }) => resident === 'network').map(({ name }) => name));
  return levels.flatMap(({ level, cells }, i) =>
    cells.flatMap(({ method, candidate: { tuned, base } }) => {
      const shared = single.has(method);
      const row = (step: Step, at: string | null): Results['training'] => {
        const notes = done.stampOf(trainedBy(step))?.notes as FinetuneNotes | undefined;
        return notes ? [{ method, level: at, ...notes }] : [];
      };
      return [
        // The network that a method's adaptors are on.
        ...(base !== first && i === 0 ? row(base.step, null) : []),
        ...(tuned && !(shared && i > 0) ? row(tuned, shared ? null : level) : []),
      ];
    }),
  );
}

/** The step that trained what a method runs: before precise statistics were put into its result, or a share of its change was taken. */
function trainedBy(tuned: Step): Step {
  const before = tuned.inputs['tuned'];
  return before ? trainedBy(before) : tuned;
}

function ratesOf({ trials, rates }: ExperimentGraph, done: StepResults): Results['rates'] {
  return trials.flatMap(({ use, level, learningRate, step }) => {
    const output = outputIf(done, step);
    const rate = rates.find((other) => other.use === use && other.level === level)!;
    const chosen = outputIf(done, rate.step)?.learningRate === learningRate;
    return output ? [{ method: use, level, learningRate, score: scoreIn(output), chosen }] : [];
  });
}

/** Responses, each beside the original's on the same images. */
function frequencyOf({ levels, methods: entries }: ExperimentGraph, done: StepResults): Results['frequency'] {
  const original = entries.find(({ kind }) => kind === 'original')?.name;
  return levels.flatMap(({ level, frequency }) =>
    frequency.flatMap(({ method, input, step }) => {
      const output = outputIf(done, step);
      if (!output) return [];
      const base = frequency.find((cell) => cell.method === original && cell.input === input);
      const other = base && method !== original ? outputIf(done, base.step) : undefined;
      return [{ method, level, input, ...without(output, 'hash'), change: other ? bandChanges(output, other) : null }];
    }),
  );
}

function outputIf<Output extends Json>(done: StepResults, step: Step<Output>): Output | undefined {
  return done.stampOf(step) ? done.outputOf(step) : undefined;
}
