import * as tf from '@tensorflow/tfjs';

/** Names of the kernels that run, one for each time; what it makes is freed. */
export function kernels(run: () => tf.Tensor[]): Promise<string[]> {
  return tf
    .profile(() => run())
    .then(({ kernelNames, result }) => {
      tf.dispose(result as tf.Tensor[]);
      return kernelNames;
    });
}
