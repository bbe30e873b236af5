import type { LabelMap } from '../../image/pixels.js';
import type { Metric } from '../task.js';
import { ConfusionMatrix } from './confusion.js';
import { scoresOf } from './iou.js';

/** Mean IoU over classes, and the share of right pixels; those of `ignore` count nowhere. */
export function iouMetric(classes: number, ignore: number): Metric<LabelMap, ConfusionMatrix> {
  return {
    primary: 'miou',
    headings: { miou: 'mIoU', pixelAccuracy: 'accuracy' },
    none: () => new ConfusionMatrix(classes),
    count({ labels }, { data }, where) {
      const counts = new ConfusionMatrix(classes);
      counts.add(labels!.data, data, ignore, { labels: where, predictions: where });
      return counts;
    },
    merge: (sum, counts) => sum.merge(counts),
    scores(counts) {
      const { miou, pixelAccuracy } = scoresOf(counts);
      return { miou, pixelAccuracy };
    },
    classScores: (counts) => ({ iou: scoresOf(counts).iou }),
  };
}
