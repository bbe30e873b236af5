import { pairedInterval } from '../eval/bootstrap.js';
import { nameOf } from '../report/rows.js';
import type { Results } from '../report/schema.js';
import type { ImageCounts } from '../tasks/segmentation/image-counts.js';
import type { Experiment } from './experiment.js';
import type { ExperimentGraph } from './experiment-graph.js';
import type { Step } from './graph.js';

/** Blocks below which drawing them anew says nothing. */
const FEWEST = 5;

/**
 * Of every method the difference of its mean mIoU from the adaptor's with its 95% interval, over the levels that the averages are of.
 * Where counts of either are missing at one of these levels, or images are too few, there is none.
 */
export function intervalsOf(
  { levels }: ExperimentGraph,
  { averages, methods }: Pick<Results, 'averages' | 'methods'>,
  counts: ReadonlyMap<Step, ImageCounts>,
  { intervals: { block, resamples }, seed }: Experiment,
): Results['intervals'] {
  const against = nameOf({ methods }, 'adaptor');
  if (!averages || against === undefined) return [];
  const cells = averages.levels.map((level) => levels.find((steps) => steps.level === level)!.cells);
  const of = (name: string): (ImageCounts | undefined)[] =>
    cells.map((list) => counts.get(list.find(({ method }) => method === name)!.evaluation));
  const first = of(against);
  return methods.flatMap(({ name }) => {
    if (name === against) return [];
    const second = of(name);
    const pairs = first.flatMap((own, i): [ImageCounts, ImageCounts][] => (own && second[i] ? [[own, second[i]]] : []));
    if (pairs.length < cells.length || pairs[0]![0].images < FEWEST * block) return [];
    const { difference, low, high } = pairedInterval(pairs, { block, resamples, seed });
    const [points, ...bounds] = [difference, low, high].map((share) => 100 * share) as [number, number, number];
    return [{ method: name, against, points, low: bounds[0]!, high: bounds[1]!, block, resamples }];
  });
}
