import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '../../ops/index.js';
import type { Task } from '../task.js';
import { accuracyMetric, type Ranks } from './metric.js';
import { classIds, NO_CLASS } from './targets.js';

/** A class for the whole image, learned by cross-entropy. Its answer is a probability per class, `[classes]`. */
export function classificationTask(): Task<number, Float32Array, Ranks> {
  return {
    ...classIds,
    losses: ({ logits }, { labels }) => ({ crossEntropy: softmaxCrossEntropy(logits!, labels!, NO_CLASS) }),
    uncollate: ({ labels }) => [...labels!.data],
    classLogits: 'logits',
    counts: ({ labels }) => tf.cast(tf.notEqual(labels!, tf.scalar(NO_CLASS, 'int32')), 'float32'),
    answer: ({ logits }) => tf.softmax(logits!),
    output: { name: 'probabilities', bytes: false },
    decode({ data, shape }) {
      const [images, classes] = shape as [number, number];
      return Array.from({ length: images }, (_, i) => Float32Array.from(data.subarray(i * classes, (i + 1) * classes)));
    },
    targetOf: (probabilities) => probabilities.indexOf(Math.max(...probabilities)),
    metric: accuracyMetric,
  };
}
