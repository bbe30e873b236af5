import tf from '../../common/tf.cjs';
import { spaceToDepth } from '../depth-to-space.js';
import { gradientOfOne } from './gradient-of-one.js';

/** `tf.depthToSpace`, for which TensorFlow.js has no gradient, only moves values. */
export const depthToSpaceGradient = gradientOfOne<tf.DepthToSpaceAttrs>(
  tf.DepthToSpace,
  'x',
  (dy, _x, { blockSize, dataFormat }) => {
    if (dataFormat === 'NHWC') return spaceToDepth(dy as tf.Tensor4D, blockSize);
    const last = tf.transpose(dy as tf.Tensor4D, [0, 2, 3, 1]);
    return tf.transpose(spaceToDepth(last, blockSize), [0, 3, 1, 2]);
  },
);
