import type { LabelMap } from '../../image/pixels.js';
import type { Metric } from '../task.js';
import { addCounts, type ClassCounts, noCounts, packCounts, unpackCounts } from './class-counts.js';
import { ConfusionMatrix } from './confusion.js';
import { scoresOf } from './iou.js';

/** Mean IoU over classes, and the share of right pixels; those of `ignore` count nowhere. */
export function iouMetric(classes: number, ignore: number): Metric<LabelMap, ClassCounts> {
  return {
    primary: 'miou',
    headings: { miou: 'mIoU', pixelAccuracy: 'accuracy' },
    none: () => noCounts(classes),
    count({ labels }, { data }, where) {
      const confusion = new ConfusionMatrix(classes);
      confusion.add(labels!.data, data, ignore, { labels: where, predictions: where });
      const { both, truth, predicted } = confusion;
      return { both, truth, predicted };
    },
    merge: addCounts,
    scores(counts) {
      const { miou, pixelAccuracy } = scoresOf(counts);
      return { miou, pixelAccuracy };
    },
    classScores: (counts) => ({ iou: scoresOf(counts).iou }),
    pack: packCounts,
    unpack: (packed, images) => unpackCounts(packed, images, classes),
  };
}
