import { isEnough, pairedInterval, type CountsPair } from '../eval/bootstrap.js';
import { nameOf } from '../report/rows.js';
import type { Results } from '../report/schema.js';
import { taskNamed } from '../tasks/registry.js';
import type { Experiment } from './experiment.js';
import type { ExperimentGraph } from './experiment-graph.js';
import type { Step } from './graph.js';
import type { StoredCounts } from './steps/evaluate.js';

/**
 * Of every method the difference of its mean score from the adaptor's with its 95% interval, over the levels that the averages are of.
 * Where counts of either are missing at one of these levels, or images are too few, there is none.
 */
export function intervalsOf(
  { dataset: { targets, ignore, classes, unlabelled }, levels }: ExperimentGraph,
  { averages, methods }: Pick<Results, 'averages' | 'methods'>,
  counts: ReadonlyMap<Step, StoredCounts>,
  { intervals: { block, resamples }, seed }: Experiment,
): Results['intervals'] {
  const against = nameOf({ methods }, 'adaptor');
  // What answers are is known of labels alone.
  if (unlabelled || !averages || against === undefined) return [];
  const cells = averages.levels.map((level) => levels.find((steps) => steps.level === level)!.cells);
  const of = (name: string): (StoredCounts | undefined)[] =>
    cells.map((list) => counts.get(list.find(({ method }) => method === name)!.evaluation));
  const first = of(against);
  return methods.flatMap(({ name }) => {
    if (name === against) return [];
    const second = of(name);
    const stored = first.flatMap((own, i) => (own && second[i] ? [[own, second[i]] as const] : []));
    if (stored.length < cells.length || !isEnough(stored[0]![0].images, block)) return [];
    const metric = taskNamed(targets.name, ignore).metric(classes.length);
    const unpack = (counts: StoredCounts): unknown[] => metric.unpack(counts, counts.images);
    const pairs = stored.map(([own, other]): CountsPair => [unpack(own), unpack(other)]);
    const { difference, low, high } = pairedInterval(metric, pairs, { block, resamples, seed });
    const [points, ...bounds] = [difference, low, high].map((share) => 100 * share) as [number, number, number];
    return [{ method: name, against, points, low: bounds[0]!, high: bounds[1]!, block, resamples }];
  });
}
