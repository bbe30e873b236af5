import * as tf from '@tensorflow/tfjs';

/** Its values, in a list. */
export const numbers = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
/** A variable of these values, made without a trace. */
export const variable = (values: tf.TensorLike): tf.Variable => tf.tidy(() => tf.variable(tf.tensor(values)));
