import tf from '../common/tf.cjs';

/** How channels hold the blocks: `DCR` a block of all channels after the other (TensorFlow's way), `CRD` each channel's block together. */
export type BlockOrder = 'DCR' | 'CRD';

/**
 * Spreads channels over blocks of pixels.
 *
 * @param x `[batch, height, width, block * block * channels]`
 * @returns `[batch, height * block, width * block, channels]`; differentiable
 * @source ONNX, DepthToSpace; PyTorch's PixelShuffle is `CRD`
 */
export function depthToSpace(x: tf.Tensor4D, block: number, order: BlockOrder = 'DCR'): tf.Tensor4D {
  return tf.tidy(() => {
    const [batch, height, width, depth] = x.shape;
    const channels = depth / (block * block);
    const cells = order === 'DCR' ? [block, block, channels] : [channels, block, block];
    const turned = order === 'DCR' ? [0, 1, 3, 2, 4, 5] : [0, 1, 4, 2, 5, 3];
    const blocks = tf.transpose(tf.reshape(x, [batch, height, width, ...cells]), turned);
    return tf.reshape(blocks, [batch, height * block, width * block, channels]);
  });
}

/**
 * Collects blocks of pixels into channels.
 *
 * @param x `[batch, height * block, width * block, channels]`
 * @returns `[batch, height, width, block * block * channels]`; differentiable
 * @source ONNX, SpaceToDepth, which is `DCR`
 */
export function spaceToDepth(x: tf.Tensor4D, block: number, order: BlockOrder = 'DCR'): tf.Tensor4D {
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape;
    const [rows, columns] = [height / block, width / block];
    const turned = order === 'DCR' ? [0, 1, 3, 2, 4, 5] : [0, 1, 3, 5, 2, 4];
    const blocks = tf.transpose(tf.reshape(x, [batch, rows, block, columns, block, channels]), turned);
    return tf.reshape(blocks, [batch, rows, columns, block * block * channels]);
  });
}
