import * as tf from '@tensorflow/tfjs';
import { Random } from '../../../src/common/random.js';
import { isLearned, type Network, type Statistics } from '../../../src/models/network.js';
import { stateDict } from '../../../src/models/state-dict.js';

/** Of {@link imagesFor}: a multiple of every stride, and not square. */
export const SIZE = { height: 32, width: 40 };

/** Images `[batch, 32, 40, 3]` in 0..255. */
export function imagesFor(batch: number): tf.Tensor4D {
  const random = Random.of(8);
  const shape: [number, number, number, number] = [batch, SIZE.height, SIZE.width, 3];
  const values = Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.integer(256));
  return tf.tensor4d(values, shape, 'int32');
}

/** A loss that every output counts in, each of its values by a weight of its own. */
export function lossOf(outputs: tf.NamedTensorMap): tf.Scalar {
  const weighted = Object.values(outputs).map((output) => {
    const random = Random.of(2);
    const weights = Array.from({ length: output.size }, () => 2 * random.next() - 1);
    return tf.sum(tf.mul(output, tf.tensor(weights, output.shape))) as tf.Scalar;
  });
  return tf.addN(weighted) as tf.Scalar;
}

/** Gradients of the loss by all learned parameters, in their order. */
export function gradientsOf(network: Network, images: tf.Tensor4D, statistics: Statistics): tf.Tensor[] {
  const variables = network.parameters.filter(isLearned).map(({ variable }) => variable);
  const { value, grads } = tf.variableGrads(() => lossOf(network.forward(images, () => statistics)), variables);
  value.dispose();
  return variables.map(({ name }) => grads[name]!);
}

/** Names of the parameters whose values `change` changes. */
export function changedBy(network: Network, change: () => void): string[] {
  const before = stateDict(network);
  change();
  const after = stateDict(network);
  return [...before.keys()].filter((name) => before.get(name)!.data.some((v, i) => v !== after.get(name)!.data[i]));
}
