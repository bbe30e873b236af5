import type { CalibrationRow } from '../adaptor/calibration.js';
import { merged, pairedInterval, type Interval } from '../eval/bootstrap.js';
import type { Metric } from '../tasks/task.js';

/** Something that could answer at a level, and how it did on frames. */
export interface Measured {
  /** Level of its adaptor. */
  adaptor: string;
  /** How far it goes from the base to the adaptor. */
  share: number;
  /** The primary score. */
  score: number;
  /** Per frame, as the task's metric counts. */
  counts: readonly unknown[];
}

/** How gains are compared. */
export interface GainOptions {
  /** Neighbouring frames that are drawn together. */
  block: number;
  resamples: number;
  /** Of the draws. Default: 0. */
  seed?: number;
}

/** A candidate with its gain over the base. */
export interface Gain extends Measured {
  interval: Interval;
}

/** What all intervals of a level leave out together. */
const OUTSIDE = 0.05;

/**
 * The candidate that is most surely better than the base: with the highest lower end of the interval of its gain. Each interval is so wide that all of them
 * hold together 95% of the time (Bonferroni), or one of several would look better by chance.
 *
 * @param base counts of the same frames
 */
export function surestOf(
  metric: Metric<never, unknown>,
  base: readonly unknown[],
  candidates: readonly Measured[],
  { block, resamples, seed = 0 }: GainOptions,
): Gain {
  const outside = OUTSIDE / candidates.length;
  const gains = candidates.map((candidate): Gain => {
    const options = { block, resamples, seed, outside };
    return { ...candidate, interval: pairedInterval(metric, [[base, candidate.counts]], options) };
  });
  return gains.reduce((best, other) => (other.interval.low > best.interval.low ? other : best));
}

/** What a row says beside a gain. */
export type RowFields = Pick<
  CalibrationRow,
  'level' | 'score' | 'base' | 'candidates' | 'agreement' | 'data' | 'samples' | 'hashes'
>;

/** A row of a calibration: the candidate serves where its interval lies above 0. */
export function rowOf({ adaptor, share, score, counts, interval }: Gain, fields: RowFields): CalibrationRow {
  const { difference: gain, low, high } = interval;
  return { ...fields, adaptor, share, candidate: score, gain, low, high, images: counts.length, serves: low > 0 };
}

/**
 * The row of a level's own adaptor as a whole, by counts that evaluations kept.
 *
 * @param base counts of the base, and `own` of the adaptor, of the same frames
 * @returns undefined where either says nothing of these frames
 */
export function rowByCounts(
  metric: Metric<never, unknown>,
  { base, own }: Record<'base' | 'own', readonly unknown[]>,
  fields: Omit<RowFields, 'score' | 'base' | 'candidates' | 'agreement'>,
  gains: GainOptions,
): CalibrationRow | undefined {
  const [before, score] = [base, own].map((counts) => metric.scores(merged(metric, counts))[metric.primary]!);
  if (Number.isNaN(before) || Number.isNaN(score)) return undefined;
  const best = surestOf(metric, base, [{ adaptor: fields.level, share: 1, score: score!, counts: own }], gains);
  return rowOf(best, { ...fields, score: metric.primary, base: before!, candidates: 1, agreement: false });
}
