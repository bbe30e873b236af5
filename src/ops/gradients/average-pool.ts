import tf from '../../common/tf.cjs';
import { nativeBackend } from '../../engine/native.js';

/**
 * The gradient of average pooling. Where a window reaches beyond the picture its mean is over fewer values; the kernels of wasm and cpu
 * divide by all in the gradient, and are silently wrong near the border.
 */
export const averagePoolGradient: tf.GradConfig = {
  kernelName: tf.AvgPool,
  inputsToSave: ['x'],
  gradFunc: (given, saved, attrs) => {
    const [input] = saved as [tf.Tensor4D];
    const dy = given as tf.Tensor4D;
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.AvgPoolAttrs;
    const backward = (grad: tf.Tensor4D): tf.Tensor =>
      tf.engine().runKernel(tf.AvgPoolGrad, { dy: grad, input }, { filterSize, strides, pad } as unknown as tf.NamedAttrMap); // prettier-ignore
    return {
      x: () => {
        if (nativeBackend()) return backward(dy);
        const info = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode);
        const shares = [
          share(info.outHeight, info.strideHeight, info.filterHeight, info.padInfo.top, info.inHeight),
          share(info.outWidth, info.strideWidth, info.filterWidth, info.padInfo.left, info.inWidth),
        ] as const;
        const scale = shares[0].flatMap((row) => shares[1].map((column) => row * column));
        return backward(tf.mul(dy, tf.tensor4d(scale, [1, info.outHeight, info.outWidth, 1])));
      },
    };
  },
};

/** For each window of an axis: its size by how much of it lies in the picture. */
function share(outputs: number, stride: number, size: number, before: number, length: number): number[] {
  return Array.from({ length: outputs }, (_, i) => {
    const begin = i * stride - before;
    return size / (Math.min(length, begin + size) - Math.max(0, begin));
  });
}
