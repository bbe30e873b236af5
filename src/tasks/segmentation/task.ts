import tf from '../../common/tf.cjs';
import type { LabelMap } from '../../image/pixels.js';
import { softmaxCrossEntropy } from '../../ops/index.js';
import { classDistance } from '../divergence.js';
import type { Task } from '../task.js';
import type { ClassCounts } from './class-counts.js';
import { iouMetric } from './metric.js';
import { labelMaps, labelSize, uncollate } from './targets.js';

/** A class for every pixel, learned by cross-entropy; pixels labelled `ignore` count nowhere. */
export function segmentationTask(ignore: number): Task<LabelMap, LabelMap, ClassCounts> {
  return {
    ...labelMaps(ignore),
    losses: ({ logits }, { labels }) => ({ crossEntropy: softmaxCrossEntropy(logits!, labels!, ignore) }),
    uncollate,
    distance: (answers, outputs, options) => classDistance(answers, outputs, ignore, options),
    answer: ({ logits }) => ({ mask: tf.argMax(logits!, -1) }),
    decode: ({ mask }, { height, width }) => {
      const { data, shape } = mask!;
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
    pack: ({ data, height, width }) => ({ mask: { dtype: 'int32', shape: [1, height, width], data } }),
    packs: () => [{ name: 'mask', datatype: 'UINT8', shape: [1, -1, -1] }],
    dense: {
      ...{ logits: 'logits', answer: 'mask', dtype: 'int32' },
      room: (pixels) => new Uint8Array(pixels),
      choose: largest,
    },
    answerSize: labelSize,
    metric: (classes) => iouMetric(classes, ignore),
  };
}

/** Place of the largest logit, the first of those that are equal. */
function largest(logits: Float32Array): number {
  let best = 0;
  for (let c = 1; c < logits.length; c++) if (logits[c]! > logits[best]!) best = c;
  return best;
}
