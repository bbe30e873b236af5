/** How a metric is shown. Scores are shares, 1 for all; differences of scores are in points, hundredths of that. */
export interface MetricInfo {
  /** As sentences and axes name it: `mIoU`. */
  label: string;
  /** Digits behind the point. */
  decimals: number;
  /** Whether a score is shown as `71.3%` rather than as `0.713`. */
  percent: boolean;
  /** A distance, which is the better the smaller it is and may be above 1. */
  isDistance?: boolean;
}

/** Metrics by their keys in `scores`: a line each. */
const METRICS: Readonly<Record<string, MetricInfo>> = {
  miou: { label: 'mIoU', decimals: 3, percent: false },
  pixelAccuracy: { label: 'pixel accuracy', decimals: 3, percent: false },
  accuracy: { label: 'accuracy', decimals: 1, percent: true },
  top1: { label: 'top-1 accuracy', decimals: 1, percent: true },
  top5: { label: 'top-5 accuracy', decimals: 1, percent: true },
  'bbox.AP': { label: 'box AP', decimals: 3, percent: false },
  'segm.AP': { label: 'mask AP', decimals: 3, percent: false },
  agreement: { label: 'agreement', decimals: 1, percent: true },
  distance: { label: 'relative distance', decimals: 3, percent: false, isDistance: true },
};

/** How a metric is shown; one that is not listed goes by its key, in three decimals. */
export function metricInfo(key: string): MetricInfo {
  return Object.hasOwn(METRICS, key) ? METRICS[key]! : { label: key, decimals: 3, percent: false };
}

/** The metric that the tables of results are of: the primary one of their rows. */
export function metricOf({ rows }: { rows: readonly { primary: string }[] }): MetricInfo {
  return metricInfo(rows[0]?.primary ?? 'score');
}

/** Its name at the beginning of a line: `mIoU`, `Top-1 accuracy`. */
export function headingOf({ label }: MetricInfo): string {
  return /^\S*[A-Z]/.test(label) ? label : label.slice(0, 1).toUpperCase() + label.slice(1);
}

/** By how much a score is better than another. */
export function gainOver(score: number, other: number, { isDistance = false }: MetricInfo): number {
  return isDistance ? other - score : score - other;
}
