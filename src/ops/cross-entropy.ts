import tf from '../common/tf.cjs';
import { nativeBackend, type NativeBackend } from '../engine/native.js';
import { attributes } from '../engine/attrs.js';

const KERNEL = 'GearnnSparseCrossEntropy';

/**
 * Softmax cross-entropy, averaged over the pixels that count.
 *
 * @param logits `[..., classes]`, any real numbers
 * @param labels `[...]` int32 class ids; pixels of `ignore` count neither in the sum nor in the mean
 * @returns scalar, at least 0; 0 where every pixel is ignored. Differentiable in logits.
 * @source torch.nn.functional.cross_entropy(..., ignore_index, reduction='mean')
 */
export function softmaxCrossEntropy(logits: tf.Tensor, labels: tf.Tensor, ignore: number): tf.Scalar {
  return tf.tidy(() => {
    const classes = logits.shape[logits.rank - 1]!;
    const rows = tf.reshape(logits, [-1, classes]) as tf.Tensor2D;
    const ids = tf.reshape(labels, [-1]) as tf.Tensor1D;
    const counted = tf.notEqual(ids, tf.scalar(ignore, 'int32'));
    const counts = tf.cast(counted, 'float32');
    // Whole numbers throughout: while a graph is recorded, products of large float tensors hold no values, and the kernel refuses wrong ids.
    const known = tf.where(counted, ids, tf.zerosLike(ids));
    const losses = nativeBackend() ? nativeLosses(rows, known) : plainLosses(rows, known, classes);
    return tf.div(tf.sum(tf.mul(losses, counts)), tf.maximum(tf.sum(counts), 1)) as tf.Scalar;
  });
}

function nativeLosses(rows: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const inputs = { logits: rows, labels };
  return (tf.engine().runKernel(KERNEL, inputs) as tf.Tensor[])[0] as tf.Tensor1D;
}

function plainLosses(rows: tf.Tensor2D, labels: tf.Tensor1D, classes: number): tf.Tensor1D {
  // tf.oneHot takes two classes and more.
  const hot = tf.cast(tf.equal(tf.expandDims(labels, 1), tf.range(0, classes, 1, 'int32')), 'float32');
  return tf.neg(tf.sum(tf.mul(hot, tf.logSoftmax(rows)), 1)) as tf.Tensor1D;
}

/** @source TensorFlow's SparseSoftmaxCrossEntropyWithLogits, which gives the loss and its gradient at once */
export const crossEntropyKernel: tf.KernelConfig = {
  kernelName: KERNEL,
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, backend }) => {
    const native = backend as NativeBackend;
    const make = attributes(native.binding);
    return native.executeMultipleOutputs(
      'SparseSoftmaxCrossEntropyWithLogits',
      [make.type('T', native.binding.TF_FLOAT), make.type('Tlabels', native.binding.TF_INT32)],
      [inputs.logits as tf.TensorInfo, inputs.labels as tf.TensorInfo],
      2,
    );
  },
};

export const crossEntropyGradient: tf.GradConfig = {
  kernelName: KERNEL,
  outputsToSave: [false, true],
  gradFunc: (dys, saved) => {
    const dLoss = (dys as tf.Tensor[])[0]!;
    const backprop = (saved as tf.Tensor[])[0]!;
    return { logits: () => tf.mul(backprop, tf.expandDims(dLoss, 1)) };
  },
};
