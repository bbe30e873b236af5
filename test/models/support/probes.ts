import * as tf from '@tensorflow/tfjs';
import { Random } from '../../../src/common/random.js';
import { isLearned, type Network, type Statistics } from '../../../src/models/network.js';
import type { InstanceSamples } from '../../../src/tasks/detection/samples.js';
import { stateDict } from '../../../src/models/state-dict.js';

/** Of {@link imagesFor}: a multiple of every stride, and not square. */
export const SIZE = { height: 32, width: 64 };

/** Images `[batch, 32, 64, 3]` in 0..255. */
export function imagesFor(batch: number): tf.Tensor4D {
  const random = Random.of(8);
  const shape: [number, number, number, number] = [batch, SIZE.height, SIZE.width, 3];
  const values = Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.integer(256));
  return tf.tensor4d(values, shape, 'int32');
}

/**
 * What a network puts out in training: of one that learns from samples, of a few of them, of every level of its pyramid.
 */
export function trainingOutputs(network: Network, images: tf.Tensor4D, statistics?: (group: string) => Statistics) {
  return network.forward(images, statistics, network.openSampler && { ...samples() });
}

/** Made anew each time, so that they are constants where a graph is compiled. */
function samples(): InstanceSamples {
  const boxes = [20, 150, 300, 600].flatMap((side) => [[1, 2, side, side], [-side, 5 - side, 40, 20]]); // prettier-ignore
  const of = boxes.map((_, i) => i % 2);
  const codes = tf.zeros<tf.Rank.R2>([boxes.length, 4]);
  return {
    anchors: tf.range(0, 500, 7, 'int32'),
    anchorLabels: tf.ones([72]),
    anchorWeights: tf.ones([72]),
    anchorTargets: tf.zeros([72, 4]),
    regions: tf.tensor2d(boxes),
    regionImages: tf.tensor1d(of.map(() => 0), 'int32'), // prettier-ignore
    regionLabels: tf.tensor1d(of, 'int32'),
    regionTargets: codes,
    maskRegions: tf.tensor2d(boxes),
    maskImages: tf.tensor1d(of.map(() => 0), 'int32'), // prettier-ignore
    maskLabels: tf.tensor1d(of, 'int32'),
    maskTargets: tf.zeros([boxes.length, 28, 28]),
  };
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
  const { value, grads } = tf.variableGrads(
    () => lossOf(trainingOutputs(network, images, () => statistics)),
    variables,
  );
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
