import tf from '../common/tf.cjs';
import { nativeBackend, type NativeBackend } from '../engine/native.js';
import { attributes } from '../engine/attrs.js';

const KERNEL = 'GearnnBatchNorm';

/** A batch normalization's four tensors, each `[channels]`. */
export interface BatchNormTensors {
  scale: tf.Tensor1D;
  offset: tf.Tensor1D;
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
}

/**
 * Normalizes by statistics that are given: inference, and training of a network whose statistics are frozen.
 *
 * @param x `[batch, height, width, channels]`
 * @returns like `x`: `(x - mean) / sqrt(variance + epsilon) * scale + offset`; differentiable in x, scale and offset
 */
export function batchNormFrozen(x: tf.Tensor4D, tensors: BatchNormTensors, epsilon: number): tf.Tensor4D {
  const { scale, offset, mean, variance } = tensors;
  if (!nativeBackend()) {
    return tf.tidy(() => {
      const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
      return tf.add(tf.mul(tf.sub(x, mean), factor), offset);
    });
  }
  return tf.tidy(() => runKernel({ x, scale, offset, mean, variance }, epsilon, false)[0] as tf.Tensor4D);
}

/**
 * Normalizes by the batch's own statistics.
 *
 * @param x `[batch, height, width, channels]`
 * @returns `y` like `x`, differentiable in x, scale and offset; the batch's `mean` and its unbiased `variance` `[channels]`,
 *   which running statistics take in (no gradient flows through them)
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  { scale, offset }: Pick<BatchNormTensors, 'scale' | 'offset'>,
  epsilon: number,
): { y: tf.Tensor4D; mean: tf.Tensor1D; variance: tf.Tensor1D } {
  return tf.tidy(() => {
    if (nativeBackend()) {
      const none = tf.tensor1d([]);
      const [y, mean, variance] = runKernel({ x, scale, offset, mean: none, variance: none }, epsilon, true);
      return { y: y as tf.Tensor4D, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
    }
    const { mean, variance } = tf.moments(x, [0, 1, 2]) as { mean: tf.Tensor1D; variance: tf.Tensor1D };
    const y = tf.add(
      tf.mul(tf.sub(x, mean), tf.mul(tf.rsqrt(tf.add(variance, epsilon)), scale)),
      offset,
    ) as tf.Tensor4D;
    const count = x.size / x.shape[3];
    return { y, mean, variance: tf.mul(variance, count / Math.max(1, count - 1)) };
  });
}

function runKernel(inputs: Record<string, tf.Tensor>, epsilon: number, training: boolean): tf.Tensor[] {
  return tf.engine().runKernel(KERNEL, inputs, {
    epsilon,
    training,
  } as unknown as tf.NamedAttrMap) as tf.Tensor[];
}

function attrsOf(backend: NativeBackend, epsilon: number, training: boolean) {
  const make = attributes(backend.binding);
  return [
    make.type('T', backend.binding.TF_FLOAT),
    make.type('U', backend.binding.TF_FLOAT),
    make.float('epsilon', epsilon),
    make.text('data_format', 'NHWC'),
    make.bool('is_training', training),
  ];
}

/** @source TensorFlow's FusedBatchNormV3: its second variance output is the unbiased one */
export const batchNormKernel: tf.KernelConfig = {
  kernelName: KERNEL,
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { x, scale, offset, mean, variance } = inputs as Record<string, tf.TensorInfo>;
    const { epsilon, training } = attrs as unknown as { epsilon: number; training: boolean };
    const native = backend as NativeBackend;
    return native.executeMultipleOutputs(
      'FusedBatchNormV3',
      attrsOf(native, epsilon, training),
      [x!, scale!, offset!, mean!, variance!],
      6,
    );
  },
};

export const batchNormGradient: tf.GradConfig = {
  kernelName: KERNEL,
  inputsToSave: ['x', 'scale', 'mean', 'variance'],
  outputsToSave: [false, false, false, true, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [x, scale, mean, variance, reserve1, reserve2, reserve3] = saved as tf.Tensor[];
    const { epsilon, training } = attrs as unknown as { epsilon: number; training: boolean };
    const dy = (dys as tf.Tensor[])[0]!;
    // One native op gives all three, but autodiff asks for each in a tidy of its own; a compiled graph runs the three as one.
    const grads = (): tf.Tensor[] => {
      const native = nativeBackend()!;
      return native.executeMultipleOutputs(
        'FusedBatchNormGradV3',
        attrsOf(native, epsilon, training),
        training ? [dy, x!, scale!, reserve1!, reserve2!, reserve3!] : [dy, x!, scale!, mean!, variance!, reserve3!],
        5,
      );
    };
    return {
      x: () => grads()[0]!,
      scale: () => grads()[1]!,
      offset: () => grads()[2]!,
      // Running statistics move by averaging, not by gradient.
      mean: () => tf.zerosLike(mean!),
      variance: () => tf.zerosLike(variance!),
    };
  },
};
