import tf from '../../common/tf.cjs';
import { softmaxCrossEntropy } from '../../ops/index.js';
import { classDistance } from '../divergence.js';
import type { Task } from '../task.js';
import { accuracyMetric, type Ranks } from './metric.js';
import { classIds, NO_CLASS } from './targets.js';

/** A class for the whole image, learned by cross-entropy. Its answer is a probability per class, `[classes]`. */
export function classificationTask(): Task<number, Float32Array, Ranks> {
  return {
    ...classIds,
    losses: ({ logits }, { labels }) => ({ crossEntropy: softmaxCrossEntropy(logits!, labels!, NO_CLASS) }),
    uncollate: ({ labels }) => [...labels!.data],
    distance: (answers, outputs, options) => classDistance(answers, outputs, NO_CLASS, options),
    answer: ({ logits }) => ({ probabilities: tf.softmax(logits!) }),
    decode({ probabilities }) {
      const { data, shape } = probabilities!;
      const [images, classes] = shape as [number, number];
      return Array.from({ length: images }, (_, i) => Float32Array.from(data.subarray(i * classes, (i + 1) * classes)));
    },
    targetOf: (probabilities) => probabilities.indexOf(Math.max(...probabilities)),
    pack: (data) => ({ probabilities: { dtype: 'float32', shape: [1, data.length], data } }),
    packs: ({ spec }) => [{ name: 'probabilities', datatype: 'FP32', shape: [1, spec.classes] }],
    metric: accuracyMetric,
  };
}
