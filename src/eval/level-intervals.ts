import type { Metric } from '../tasks/task.js';
import { type BootstrapOptions, type CountsPair, isEnough, pairedInterval } from './bootstrap.js';
import type { LevelRow, Method } from './levels.js';

/** By how many points, hundredths of a score, a method is better than the original on the mean of its levels. */
export interface LevelInterval {
  method: Method;
  against: 'original';
  levels: number;
  points: number;
  /** 95% of the draws lie between. */
  low: number;
  high: number;
  block: number;
  resamples: number;
}

/** Of each method beside the original, over the levels that it has a row for; none where there are fewer than five blocks of images. */
export function levelIntervals(metric: Metric, rows: readonly LevelRow[], options: BootstrapOptions): LevelInterval[] {
  const { block, resamples } = options;
  const methods = [...new Set(rows.map(({ method }) => method))].filter((method) => method !== 'original');
  return methods.flatMap((method): LevelInterval[] => {
    const own = rows.filter((row) => row.method === method);
    const pairs = own.map(({ level, counts }): CountsPair => {
      const original = rows.find((row) => row.method === 'original' && row.level === level)!;
      return [original.counts, counts];
    });
    if (!isEnough(own[0]!.images, block)) return [];
    const { difference, low, high } = pairedInterval(metric, pairs, options);
    const [points, ...ends] = [difference, low, high].map((share) => 100 * share) as [number, number, number];
    return [
      { method, against: 'original', levels: own.length, points, low: ends[0]!, high: ends[1]!, block, resamples },
    ];
  });
}
