import { formatCount, formatPoints } from './format.js';
import { metricOf } from './metrics.js';
import type { Results } from './schema.js';

/** Differences of methods from one of them, as a table and in words. */
export interface IntervalTable {
  head: string[];
  rows: string[][];
  /** How they come about, in a sentence. */
  text: string;
}

/** A table for each method that others are compared with: the adaptor, the control. */
export function intervalTables(results: Results): IntervalTable[] {
  const others = [...new Set(results.intervals.map(({ against }) => against))];
  return others.map((against) => {
    const own = results.intervals.filter((interval) => interval.against === against);
    const rows = own.map(({ method, points, low, high }) => [
      method,
      formatPoints(points),
      `${formatPoints(low)} to ${formatPoints(high)}`,
      low > 0 || high < 0 ? 'yes' : 'no',
    ]);
    return {
      head: ['method', `over ${against}`, '95% interval', 'excludes 0'],
      rows,
      text: textOf(results, own[0]!),
    };
  });
}

function textOf(results: Results, { block, resamples, against }: Results['intervals'][number]): string {
  const count = results.averages?.levels.length ?? 0;
  const levels = count === 1 ? 'at one level' : `over ${count} levels`;
  return [
    `Mean ${metricOf(results).label} ${levels} over that of ${against}, in points, with the 95% interval of ${formatCount(resamples)} draws`,
    `of blocks of ${block} neighbouring images, the same blocks for both methods and all levels.`,
    'Where it excludes 0, the difference is more than these images’ chance; that of training is not in it.',
  ].join(' ');
}
