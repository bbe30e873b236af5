import tf from '../../common/tf.cjs';
import { fail } from '../../common/errors.js';
import { relativeDistance } from '../divergence.js';
import { type Collated, imageOf } from '../arrays.js';
import type { Task } from '../task.js';
import type { NetworkHead } from '../../detect/heads/decode.js';
import { boxesMetric } from './boxes-metric.js';
import { headDistance } from './head-distance.js';
import { featuresMetric } from './metric.js';
import { features, type Features } from './targets.js';

/**
 * Outputs of any kind under the network's own names, learned from and compared with another network's: maps, vectors, boxes before decoding.
 *
 * @param head how boxes are read from them, where the network is a detector that is known: they are compared by their boxes then
 */
export function featuresTask(head?: NetworkHead): Task<Features, Features> {
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
        const all = Object.entries(answers).map(([name, answer]) =>
          name === head?.output
            ? headDistance(head.kind, answer, outputs[name]!)
            : relativeDistance(answer, outputs[name]!),
        );
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
    metric: () => (head ? boxesMetric(head) : featuresMetric()),
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
