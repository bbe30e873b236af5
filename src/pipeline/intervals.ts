import { isEnough, pairedInterval, type CountsPair } from '../eval/bootstrap.js';
import { nameOf } from '../report/rows.js';
import type { Results } from '../report/schema.js';
import type { Experiment } from './experiment.js';
import type { ExperimentGraph } from './experiment-graph.js';
import { metricOf } from './metric.js';
import type { Step } from './graph.js';
import { once } from './once.js';
import type { StoredCounts } from './steps/evaluate.js';

/**
 * Of every method the difference of its mean score from the adaptor's, and from the control's, with its 95% interval, over the levels that the
 * averages are of, for each score that the metric compares. Where counts of either are missing at one of these levels, or images are too few, there
 * is none.
 */
export function intervalsOf(
  { dataset, levels }: ExperimentGraph,
  { averages, methods }: Pick<Results, 'averages' | 'methods'>,
  counts: ReadonlyMap<Step, StoredCounts>,
  { intervals: { block, resamples }, seed }: Experiment,
): Results['intervals'] {
  const metric = metricOf(dataset);
  if (!metric || !averages) return [];
  const cells = averages.levels.map((level) => levels.find((steps) => steps.level === level)!.cells);
  const unpacked = new Map<StoredCounts, unknown[]>();
  const unpack = (stored: StoredCounts): unknown[] =>
    once(unpacked, stored, () => metric.unpack(stored, stored.images));
  const of = (name: string): (StoredCounts | undefined)[] =>
    cells.map((list) => counts.get(list.find(({ method }) => method === name)!.evaluation));
  const { primary, compared = [primary] } = metric;
  const between = (name: string, against: string, score: string): Results['intervals'] => {
    const [first, second] = [of(against), of(name)];
    const stored = first.flatMap((own, i) => (own && second[i] ? [[own, second[i]] as const] : []));
    if (name === against || stored.length < cells.length || !isEnough(stored[0]![0].images, block)) return [];
    const pairs = stored.map(([own, other]): CountsPair => [unpack(own), unpack(other)]);
    const { difference, low, high } = pairedInterval(metric, pairs, { block, resamples, seed, score });
    const [points, ...bounds] = [difference, low, high].map((share) => 100 * share) as [number, number, number];
    const which = score === primary ? {} : { score };
    return [{ method: name, against, ...which, points, low: bounds[0]!, high: bounds[1]!, block, resamples }];
  };
  const others = ['adaptor', 'control'].flatMap((kind) => nameOf({ methods }, kind) ?? []);
  return compared.flatMap((score) =>
    others.flatMap((against) => methods.flatMap(({ name }) => between(name, against, score))),
  );
}
