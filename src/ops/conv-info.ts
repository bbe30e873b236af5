import type * as tf from '@tensorflow/tfjs';

/** Sizes of a convolution with its channels last. */
export type ConvInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;
