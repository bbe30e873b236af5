import * as tf from '@tensorflow/tfjs';
import type { LabelMap } from '../../image/pixels.js';
import { softmaxCrossEntropy } from '../../ops/index.js';
import type { Task } from '../task.js';
import type { ClassCounts } from './class-counts.js';
import { iouMetric } from './metric.js';
import { labelMaps, uncollate } from './targets.js';

/** A class for every pixel, learned by cross-entropy; pixels labelled `ignore` count nowhere. */
export function segmentationTask(ignore: number): Task<LabelMap, LabelMap, ClassCounts> {
  return {
    ...labelMaps(ignore),
    losses: ({ logits }, { labels }) => ({ crossEntropy: softmaxCrossEntropy(logits!, labels!, ignore) }),
    uncollate,
    classLogits: 'logits',
    counts: ({ labels }) => tf.cast(tf.notEqual(labels!, tf.scalar(ignore, 'int32')), 'float32'),
    answer: ({ logits }) => tf.argMax(logits!, -1),
    output: { name: 'mask', bytes: true },
    decode: ({ data, shape }, { height, width }) => {
      const [batch, tall, wide] = shape as [number, number, number];
      return Array.from({ length: batch }, (_, i) => {
        const isWhole = data instanceof Uint8Array && tall === height && wide === width;
        if (isWhole) return { data: data.subarray(i * tall * wide, (i + 1) * tall * wide), width, height };
        const ids = new Uint8Array(height * width);
        for (let row = 0; row < height; row++) {
          const from = (i * tall + row) * wide;
          for (let x = 0; x < width; x++) ids[row * width + x] = data[from + x]!;
        }
        return { data: ids, width, height };
      });
    },
    targetOf: (answer) => answer,
    dense: 'logits',
    answerSize({ labels }) {
      const [, height, width] = labels!.shape as [number, number, number];
      return { height, width };
    },
    metric: (classes) => iouMetric(classes, ignore),
  };
}
