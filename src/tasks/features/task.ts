import * as tf from '@tensorflow/tfjs';
import { fail } from '../../common/errors.js';
import { relativeDistance } from '../divergence.js';
import { type Collated, imageOf } from '../arrays.js';
import type { Task } from '../task.js';
import { featuresMetric, type Distances } from './metric.js';
import { features, type Features } from './targets.js';

/** Outputs of any kind under the network's own names, learned from and compared with another network's: maps, vectors, boxes before decoding. */
export function featuresTask(): Task<Features, Features, Distances> {
  return {
    ...features,
    uncollate: imagesOf,
    losses() {
      return fail('E_DATA_TASK', {
        where: 'objective',
        expected: 'teacher, as no labels say what outputs of any kind should be',
        got: 'labels',
        todo: 'Use --objective teacher.',
      });
    },
    distance(answers, outputs) {
      return tf.tidy(() => {
        const all = Object.entries(answers).map(([name, answer]) => relativeDistance(answer, outputs[name]!));
        return tf.div(
          all.reduce((sum, distance) => tf.add(sum, distance)),
          all.length,
        );
      });
    },
    answer: (outputs) => Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, tf.clone(output)])),
    decode: imagesOf,
    targetOf: (answer) => answer,
    pack: (answer) => answer,
    packs: ({ outputs = [] }) => outputs,
    metric: featuresMetric,
  };
}

/** The arrays of each image, in memory of their own. */
function imagesOf(values: Collated): Features[] {
  const images = Object.values(values)[0]?.shape[0] ?? 0;
  return Array.from({ length: images }, (_, i) =>
    Object.fromEntries(
      Object.entries(imageOf(values, i)).map(([name, { data, ...rest }]) => [name, { ...rest, data: data.slice() }]),
    ),
  );
}
