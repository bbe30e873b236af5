import type { ConfusionMatrix } from './confusion.js';

/** What segmentation is judged by. */
export interface Scores {
  /** Mean IoU over the classes that occur, 0..1; NaN if none does. */
  miou: number;
  /** IoU per class, `[classes]`, 0..1; NaN where a class occurs in neither truth nor prediction. */
  iou: Float64Array;
  /** Share of the counted pixels whose class is right, 0..1; NaN if none is counted. */
  pixelAccuracy: number;
}

/** All scores of one confusion matrix. */
export function scoresOf(confusion: ConfusionMatrix): Scores {
  const iou = intersectionOverUnion(confusion);
  return { miou: meanIou(iou), iou, pixelAccuracy: pixelAccuracy(confusion) };
}

/**
 * Fraction of the union that truth and prediction share, per class.
 *
 * @returns IoU per class, `[classes]`, 0..1; NaN where a class occurs in neither
 * @source PASCAL VOC segmentation measure: TP / (TP + FP + FN)
 */
export function intersectionOverUnion({ classes, counts }: ConfusionMatrix): Float64Array {
  return Float64Array.from({ length: classes }, (_, c) => {
    let truth = 0;
    let prediction = 0;
    for (let other = 0; other < classes; other++) {
      truth += counts[c * classes + other]!;
      prediction += counts[other * classes + c]!;
    }
    const both = counts[c * classes + c]!;
    return both / (truth + prediction - both);
  });
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
export function pixelAccuracy({ classes, counts }: ConfusionMatrix): number {
  let right = 0;
  for (let c = 0; c < classes; c++) right += counts[c * classes + c]!;
  return right / counts.reduce((sum, count) => sum + count, 0);
}
