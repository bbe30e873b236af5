import tf from '../../common/tf.cjs';
import { sizeOf } from '../shapes.js';

/** The rest of the gradients of an op with positions: there is none. */
const none = (indices: tf.Tensor) => (): tf.Tensor => tf.zeros(indices.shape);

/**
 * `dx` of a gather along one axis: every value of `dy` is added where it was taken from. On wasm TensorFlow.js has no kernel for its own,
 * and on all engines its `batchDims` end at 1.
 */
export const gatherGradient: tf.GradConfig = {
  kernelName: tf.GatherV2,
  inputsToSave: ['x', 'indices'],
  gradFunc: (given, saved, attrs) => {
    const [x, indices] = saved as [tf.Tensor, tf.Tensor];
    const { axis: stated, batchDims = 0 } = attrs as unknown as tf.GatherV2Attrs;
    const [axis] = tf.util.parseAxisParam(stated, x.shape) as [number];
    const batch = sizeOf(x.shape.slice(0, batchDims));
    const [outer, size] = [sizeOf(x.shape.slice(batchDims, axis)), x.shape[axis]!];
    const inner = sizeOf(x.shape.slice(axis + 1));
    const taken = sizeOf(indices.shape.slice(batchDims));
    const dx = (): tf.Tensor => {
      // What was taken first, then what surrounds it: rows that are scattered whole.
      const rows = tf.transpose(tf.reshape(given as tf.Tensor, [batch, outer, taken, inner]), [0, 2, 1, 3]);
      const starts = tf.range(0, batch * size, size, 'int32');
      const places = tf.add(tf.reshape(indices, [batch, taken]), tf.expandDims(starts, 1));
      const sums = tf.scatterND(
        tf.reshape(places, [batch * taken, 1]),
        tf.reshape(rows, [batch * taken, outer * inner]),
        [batch * size, outer * inner],
      );
      return tf.reshape(tf.transpose(tf.reshape(sums, [batch, size, outer, inner]), [0, 2, 1, 3]), x.shape);
    };
    return { x: dx, indices: none(indices) };
  },
};

export const gatherNdGradient: tf.GradConfig = {
  kernelName: tf.GatherNd,
  inputsToSave: ['params', 'indices'],
  gradFunc: (dy, saved) => {
    const [params, indices] = saved as [tf.Tensor, tf.Tensor];
    return {
      params: () => tf.scatterND(indices, dy as tf.Tensor, params.shape as [number]),
      indices: none(indices),
    };
  },
};

export const scatterNdGradient: tf.GradConfig = {
  kernelName: tf.ScatterNd,
  inputsToSave: ['indices'],
  gradFunc: (dy, saved) => {
    const [indices] = saved as [tf.Tensor];
    return { updates: () => tf.gatherND(dy as tf.Tensor, indices), indices: none(indices) };
  },
};

/** What is overwritten has no gradient, and what overwrites it has all of it. */
export const tensorScatterUpdateGradient: tf.GradConfig = {
  kernelName: tf.TensorScatterUpdate,
  inputsToSave: ['indices', 'updates'],
  gradFunc: (given, saved) => {
    const [indices, updates] = saved as [tf.Tensor, tf.Tensor];
    const dy = given as tf.Tensor;
    return {
      // The cpu engine's kernel writes into its input, which dy must not be.
      tensor: () => tf.mul(dy, tf.tensorScatterUpdate(tf.ones(dy.shape), indices, tf.zeros(updates.shape))),
      updates: () => tf.gatherND(dy, indices),
      indices: none(indices),
    };
  },
};

/** The gradient of the values of `topk`, which goes to where they were found; positions have none. */
export const topKGradient: tf.GradConfig = {
  kernelName: tf.TopK,
  inputsToSave: ['x'],
  outputsToSave: [false, true],
  gradFunc: (dys, saved) => {
    const [x, indices] = saved as [tf.Tensor, tf.Tensor];
    const [size, taken] = [x.shape[x.rank - 1]!, indices.shape[indices.rank - 1]!];
    return {
      x: () => {
        const rows = x.size / size;
        const starts = tf.range(0, rows * size, size, 'int32');
        const places = tf.add(tf.reshape(indices, [rows, taken]), tf.expandDims(starts, 1));
        const values = tf.reshape((dys as tf.Tensor[])[0]!, [rows * taken]);
        return tf.reshape(tf.scatterND(tf.reshape(places, [rows * taken, 1]), values, [x.size]), x.shape);
      },
    };
  },
};
