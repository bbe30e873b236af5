import tf from '../common/tf.cjs';
import { nativeBackend } from '../engine/native.js';

/**
 * Does a computation only for the places of a list that are filled, so that it costs what there is and not what there may be. How many there are may
 * differ from run to run of one compiled graph: what `compute` calls must not write that count into the graph (`tf.reshape` to -1, no slices of
 * it). The first place always counts as filled. No gradient.
 *
 * @param isFilled `[n]`: 1 or 0
 * @param inputs `[n, ...]` each
 * @param compute takes the filled places of the inputs, `[k, ...]`, and returns as many
 * @returns its results at their places, `[n, ...]`, 0 elsewhere
 */
export function whereFilled<I extends [tf.Tensor, ...tf.Tensor[]]>(
  isFilled: tf.Tensor1D,
  inputs: I,
  compute: (...inputs: I) => tf.Tensor[],
): tf.Tensor[] {
  return tf.tidy(() => {
    const count = isFilled.size;
    const positions = filledPositions(isFilled);
    const results = compute(...(inputs.map((input) => tf.gather(input, positions)) as I));
    const indices = tf.expandDims(positions, 1);
    return results.map((result) => tf.scatterND(indices, result, [count, ...result.shape.slice(1)]));
  });
}

/** Places that are filled, and the first one: `[k]` int32, rising. */
function filledPositions(isFilled: tf.Tensor1D): tf.Tensor1D {
  const count = isFilled.size;
  const backend = nativeBackend();
  if (!backend) {
    const flags = isFilled.dataSync();
    return tf.tensor1d([...flags.keys()].filter((i) => i === 0 || flags[i] !== 0), 'int32'); // prettier-ignore
  }
  const first = tf.oneHot(tf.scalar(0, 'int32'), count) as tf.Tensor1D;
  const parts = tf.maximum(tf.cast(tf.greater(isFilled, 0), 'int32'), tf.cast(first, 'int32'));
  const { TF_ATTR_INT, TF_ATTR_TYPE, TF_INT32 } = backend.binding;
  const attributes = [
    { name: 'num_partitions', type: TF_ATTR_INT, value: 2 },
    { name: 'T', type: TF_ATTR_TYPE, value: TF_INT32 },
  ];
  const places = tf.range(0, count, 1, 'int32');
  return backend.executeMultipleOutputs('DynamicPartition', attributes, [places, parts], 2)[1] as tf.Tensor1D;
}
