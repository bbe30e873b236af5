import { fail } from '../common/errors.js';
import { Random } from '../common/random.js';
import type { Metric } from '../tasks/task.js';

export interface BootstrapOptions {
  /** Neighbouring images that are drawn together, as frames of one drive are alike; the last block may be shorter. */
  block: number;
  /** How often images are drawn anew. */
  resamples: number;
  seed: number;
  /** Which of the metric's scores it is of. Default: the primary one. */
  score?: string;
  /** Share of the draws that lie outside of the interval. Default: 0.05. */
  outside?: number;
}

/** A difference of mean scores, and its interval: of 95% unless another is asked for. */
export interface Interval {
  difference: number;
  low: number;
  high: number;
}

/** Counts of two networks, per image, of the same images in the same order. */
export type CountsPair<Counts = unknown> = readonly [readonly Counts[], readonly Counts[]];

/** Blocks below which drawing them anew says nothing. */
const FEWEST = 5;

/** Whether so many images say anything by intervals. */
export function isEnough(images: number, block: number): boolean {
  return images >= FEWEST * block;
}

/**
 * How sure it is that one network is better than another on images such as these: draws blocks of images with replacement, the same ones for
 * both and all levels, and takes the difference of the mean score over levels for each draw.
 *
 * @param metric whose score it is of; a draw of which nothing counts scores 0
 * @param pairs per level
 * @returns the second one's mean score over the first's, and the 2.5th and 97.5th percentile over draws, or those that `outside` asks for
 * @throws E_SHAPE where counts are not of the same images
 * @source Efron and Tibshirani, An Introduction to the Bootstrap (1993), percentile interval; blocks after Carlstein (1986)
 */
export function pairedInterval<Counts>(
  metric: Metric<never, Counts>,
  pairs: readonly CountsPair<Counts>[],
  { block, resamples, seed, score = metric.primary, outside = 0.05 }: BootstrapOptions,
): Interval {
  const images = pairs[0]![0].length;
  for (const { length } of pairs.flat()) {
    if (length === images) continue;
    fail('E_SHAPE', { where: 'bootstrap', expected: `${images} images in every evaluation`, got: String(length) });
  }
  const blocks = Math.ceil(images / block);
  const all = Array.from({ length: blocks }, (_, i) => i);
  const scorers = pairs.map(([first, second]) => [
    scorerOf(metric, score, first, block),
    scorerOf(metric, score, second, block),
  ]);
  const differenceOf = (drawn: readonly number[]): number =>
    scorers.reduce((sum, [first, second]) => sum + second!(drawn) - first!(drawn), 0) / pairs.length;
  const random = Random.of(seed, 'bootstrap');
  const draws = Float64Array.from({ length: resamples }, () =>
    differenceOf(Array.from({ length: blocks }, () => random.integer(blocks))),
  ).sort();
  const [low, high] = [percentile(draws, outside / 2), percentile(draws, 1 - outside / 2)];
  return { difference: differenceOf(all), low, high };
}

/** A score of blocks of images that were drawn, by their indices; 0 where nothing counts. */
function scorerOf<Counts>(
  metric: Metric<never, Counts>,
  name: string,
  counts: readonly Counts[],
  block: number,
): (drawn: readonly number[]) => number {
  const orZero = (score: number): number => (Number.isNaN(score) ? 0 : score);
  if (metric.drawn) {
    const score = metric.drawn(counts, name);
    return (drawn) => {
      const times = new Int32Array(counts.length);
      for (const i of drawn) {
        for (let image = i * block; image < Math.min((i + 1) * block, counts.length); image++) times[image]! += 1;
      }
      return orZero(score(times));
    };
  }
  const blocks = Array.from({ length: Math.ceil(counts.length / block) }, (_, i) =>
    merged(metric, counts.slice(i * block, (i + 1) * block)),
  );
  return (drawn) =>
    orZero(
      metric.scores(
        merged(
          metric,
          drawn.map((i) => blocks[i]!),
        ),
      )[name]!,
    );
}

/** Counts of several images as one. */
export function merged<Counts>(metric: Metric<never, Counts>, parts: readonly Counts[]): Counts {
  const sum = metric.none();
  for (const part of parts) metric.merge(sum, part);
  return sum;
}

/** Linear between the two nearest of ascending values, as NumPy's default. */
function percentile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
