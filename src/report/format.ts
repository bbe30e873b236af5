import type { MetricInfo } from './metrics.js';

/** `0.412`, or `41.2%` where the metric is shown so; `–` for what is not there. */
export function formatScore(
  value: number | null | undefined,
  { decimals, percent }: Pick<MetricInfo, 'decimals' | 'percent'>,
): string {
  if (typeof value !== 'number') return '–';
  return percent ? `${(100 * value).toFixed(decimals)}%` : value.toFixed(decimals);
}

/** `+12.3` points of a difference of scores, with a true minus sign. */
export function formatPoints(points: number): string {
  const text = Math.abs(points).toFixed(1);
  return text === '0.0' ? '0.0' : `${points < 0 ? '−' : '+'}${text}`;
}

/** `+1.23` points, where tenths are too coarse. */
export function formatFinePoints(points: number): string {
  return `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)}`;
}

/** A share 0..1 as `87%`; `–` for what is not there. */
export function formatShare(share: number | null): string {
  return share === null ? '–' : `${Math.round(100 * share)}%`;
}

/** `15,907,139` */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Percent with two digits where they say something: `1.8%`, `0.19%`, `900%`; `0%` for nothing. */
export function formatOverhead(percent: number): string {
  return percent === 0 ? '0%' : `${percent < 10 ? percent.toPrecision(2) : Math.round(percent)}%`;
}
