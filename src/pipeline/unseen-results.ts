import { formatSlice } from '../data/slice.js';
import { isEnough, pairedInterval, type CountsPair } from '../eval/bootstrap.js';
import { nameOf } from '../report/rows.js';
import type { PartResults, Results } from '../report/schema.js';
import type { Metric } from '../tasks/task.js';
import type { Experiment } from './experiment.js';
import type { ExperimentGraph } from './experiment-graph.js';
import type { Step } from './graph.js';
import { metricOf } from './metric.js';
import { once } from './once.js';
import type { StepResults } from './step-results.js';
import { type EvaluateOutput, scoresIn, type StoredCounts } from './steps/evaluate.js';

export interface UnseenResultsOptions {
  experiment: Experiment;
  graph: ExperimentGraph;
  done: StepResults;
  /** Of evaluations that have them. */
  counts: ReadonlyMap<Step, StoredCounts>;
  methods: Results['methods'];
  averages: Results['averages'];
}

/** An evaluation at a place of a table. */
interface Entry {
  method: string;
  level: string;
  evaluation: Step<EvaluateOutput>;
}

/**
 * Every method on samples that nothing was trained on, and beside them on the validation samples, with its gains over the original; nothing where
 * the experiment names no such samples.
 */
export function unseenResults(options: UnseenResultsOptions): Pick<Results, 'parts'> {
  const { graph, experiment } = options;
  if (graph.unseen.length === 0) return {};
  const { validate, levels, dataset, unseen } = graph;
  const seen = levels.flatMap(({ level, cells }) =>
    cells.map(({ method, evaluation }): Entry => ({ method, level, evaluation })),
  );
  const own = { name: formatSlice(experiment.validate), images: validate, agreement: dataset.unlabelled === true };
  const parts = unseen.map((part): PartResults => {
    const clean = graph.unseenClean.filter((other) => other.part === part);
    const original = nameOf(options, 'original') ?? 'original';
    const entries = [
      ...clean.map(({ evaluation }): Entry => ({ method: original, level: 'clean', evaluation })),
      ...levels.flatMap(({ level, unseen: all }) =>
        all.find((other) => other.part === part)!.cells.map((cell): Entry => ({ level, ...cell })),
      ),
    ];
    return partOf(part, entries, false, options);
  });
  return { parts: [partOf(own, seen, true, options), ...parts] };
}

function partOf(
  { name, images, agreement }: ExperimentGraph['unseen'][number],
  entries: readonly Entry[],
  seen: boolean,
  options: UnseenResultsOptions,
): PartResults {
  const { done } = options;
  const rows = entries.flatMap(({ method, level, evaluation }) => {
    if (!done.stampOf(evaluation)) return [];
    const { scores, primary } = scoresIn(done.outputOf(evaluation));
    return [{ method, level, scores, primary }];
  });
  return {
    ...{ name, samples: formatSlice(images.slice), images: images.count, seen },
    ...(agreement && { agreement: true as const }),
    rows,
    gains: gainsOf(entries, options),
  };
}

/** Of every method over the original, at each level and of the mean over the levels of the averages; none where counts are missing or images too few. */
function gainsOf(entries: readonly Entry[], options: UnseenResultsOptions): PartResults['gains'] {
  const { graph, experiment, counts, methods, averages } = options;
  const original = nameOf({ methods }, 'original');
  const metric = metricOf(graph.dataset);
  if (!metric || original === undefined) return [];
  const { block, resamples } = experiment.intervals;
  const unpacked = new Map<StoredCounts, unknown[]>();
  const countsAt = (method: string, level: string): unknown[] | undefined => {
    const found = entries.find((entry) => entry.method === method && entry.level === level);
    const stored = found && counts.get(found.evaluation);
    return stored && once(unpacked, stored, () => metric.unpack(stored, stored.images));
  };
  const gain = (method: string, level: string | null, over: readonly string[]): PartResults['gains'] => {
    const pairs = over.flatMap((at): CountsPair[] => {
      const [first, second] = [countsAt(original, at), countsAt(method, at)];
      return first && second ? [[first, second]] : [];
    });
    if (pairs.length < over.length || pairs.length === 0 || !isEnough(pairs[0]![0].length, block)) return [];
    return [
      { method, level, ...pointsOf(metric, pairs, { block, resamples, seed: experiment.seed }), block, resamples },
    ];
  };
  const others = methods.filter(({ name }) => name !== original);
  return others.flatMap(({ name }) => [
    ...experiment.levels.flatMap(({ text }) => gain(name, text, [text])),
    ...gain(name, null, averages?.levels ?? []),
  ]);
}

function pointsOf(
  metric: Metric,
  pairs: readonly CountsPair[],
  draws: { block: number; resamples: number; seed: number },
): { points: number; low: number; high: number } {
  const { difference, low, high } = pairedInterval(metric, pairs, draws);
  return { points: 100 * difference, low: 100 * low, high: 100 * high };
}
