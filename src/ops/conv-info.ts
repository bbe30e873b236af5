import type tf from '../common/tf.cjs';

/** Sizes of a convolution with its channels last. */
export type ConvInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** Into how many groups a convolution's channels fall: each filter sees `filterShape[2]` of them. */
export function groupsOf({ inChannels, filterShape }: ConvInfo): number {
  return inChannels / filterShape[2];
}
