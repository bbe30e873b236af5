import tf from '../../common/tf.cjs';
import type { LabelMap } from '../../image/pixels.js';
import { labelSize, uncollate } from '../segmentation/targets.js';
import type { Task } from '../task.js';
import { sigmoidCrossEntropy, sigmoidDivergence } from './cross-entropy.js';
import { jaccardDistance } from './jaccard.js';
import { foregroundMetric, THRESHOLD, type Foreground, type Overlap } from './metric.js';
import { foregroundMaps } from './targets.js';

/**
 * For every pixel how likely it belongs to what is looked for: text, people, what stands out. Outputs are `{ logits }`,
 * `[batch, height, width, 1]`; learned by cross-entropy.
 */
export function foregroundTask(ignore: number): Task<LabelMap, Foreground, Overlap> {
  const counted = ({ labels }: tf.NamedTensorMap): tf.Tensor =>
    tf.cast(tf.notEqual(labels!, tf.scalar(ignore, 'int32')), 'float32');
  return {
    ...foregroundMaps(ignore),
    uncollate,
    losses({ logits }, targets) {
      const truth = tf.cast(tf.greater(targets['labels']!, tf.scalar(0, 'int32')), 'float32');
      return { crossEntropy: sigmoidCrossEntropy(tf.squeeze(logits!, [-1]), truth, counted(targets)) };
    },
    distance: ({ logits }, { logits: others }, { temperature = 1, targets } = {}) =>
      tf.tidy(() => {
        const [answer, other] = [tf.squeeze(logits!, [-1]), tf.squeeze(others!, [-1])];
        const counts = targets && counted(targets);
        const divergence = sigmoidDivergence(answer, other, { counts, temperature });
        return tf.add(divergence, jaccardDistance(tf.sigmoid(answer), tf.sigmoid(other), counts));
      }),
    answer: ({ logits }) => ({ foreground: tf.sigmoid(tf.squeeze(logits!, [-1])) }),
    decode({ foreground }, { height, width }) {
      const { data, shape } = foreground!;
      const [batch, tall, wide] = shape as [number, number, number];
      return Array.from({ length: batch }, (_, i) => {
        const own = new Float32Array(height * width);
        for (let row = 0; row < height; row++) {
          const from = (i * tall + row) * wide;
          own.set(data.subarray(from, from + width), row * width);
        }
        return { probabilities: own, width, height };
      });
    },
    targetOf: ({ probabilities, width, height }) => ({ data: maskOf(probabilities), width, height }),
    pack: ({ probabilities, width, height }) => ({
      foreground: { dtype: 'float32', shape: [1, height, width], data: probabilities },
      mask: { dtype: 'int32', shape: [1, height, width], data: maskOf(probabilities) },
    }),
    packs: () => [
      { name: 'foreground', datatype: 'FP32', shape: [1, -1, -1] },
      { name: 'mask', datatype: 'UINT8', shape: [1, -1, -1] },
    ],
    dense: {
      ...{ logits: 'logits', answer: 'foreground', dtype: 'float32' },
      room: (pixels) => new Float32Array(pixels),
      choose: ([logit]) => 1 / (1 + Math.exp(-logit!)),
    },
    answerSize: labelSize,
    metric: () => foregroundMetric(ignore),
  };
}

/** 1 where a pixel is foreground. */
function maskOf(probabilities: Float32Array): Uint8Array {
  return Uint8Array.from(probabilities, (probability) => (probability >= THRESHOLD ? 1 : 0));
}
