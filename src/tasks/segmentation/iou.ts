import type { ClassCounts } from './class-counts.js';

/** What segmentation is judged by. */
export interface Scores {
  /** Mean IoU over the classes that occur, 0..1; NaN if none does. */
  miou: number;
  /** IoU per class, `[classes]`, 0..1; NaN where a class occurs in neither truth nor prediction. */
  iou: Float64Array;
  /** Share of the counted pixels whose class is right, 0..1; NaN if none is counted. */
  pixelAccuracy: number;
}

/** All scores of one confusion matrix, or of what is counted per class. */
export function scoresOf(counts: ClassCounts): Scores {
  const iou = intersectionOverUnion(counts);
  return { miou: meanIou(iou), iou, pixelAccuracy: pixelAccuracy(counts) };
}

/**
 * Fraction of the union that truth and prediction share, per class.
 *
 * @returns IoU per class, `[classes]`, 0..1; NaN where a class occurs in neither
 * @source PASCAL VOC segmentation measure: TP / (TP + FP + FN)
 */
export function intersectionOverUnion({ both, truth, predicted }: ClassCounts): Float64Array {
  return both.map((right, c) => right / (truth[c]! + predicted[c]! - right));
}

/**
 * Mean over the classes that occur, as cityscapesScripts' `getScoreAverage` takes it; NaN if none does.
 *
 * @param iou IoU per class, NaN where a class occurs in neither
 */
export function meanIou(iou: Float64Array): number {
  const occurring = iou.filter((value) => !Number.isNaN(value));
  return occurring.reduce((sum, value) => sum + value, 0) / occurring.length;
}

/** Share of the counted pixels whose class is right, 0..1; NaN if none is counted. */
export function pixelAccuracy({ both, truth }: ClassCounts): number {
  const sum = (numbers: Float64Array): number => numbers.reduce((total, value) => total + value, 0);
  return sum(both) / sum(truth);
}
