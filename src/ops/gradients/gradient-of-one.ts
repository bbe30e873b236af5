import tf from '../../common/tf.cjs';

/** The gradient of an op with one input, as a function of `dy`, that input and the op's attributes. */
export function gradientOfOne<A>(
  kernelName: string,
  name: string,
  gradient: (dy: tf.Tensor, x: tf.Tensor, attrs: A) => tf.Tensor,
): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: [name],
    gradFunc: (dy, saved, attrs) => ({
      [name]: () => gradient(dy as tf.Tensor, (saved as tf.Tensor[])[0]!, attrs as unknown as A),
    }),
  };
}
