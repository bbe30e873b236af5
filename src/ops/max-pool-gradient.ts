import tf from '../common/tf.cjs';
import { insertZeros, padOrCut } from './conv2d-plain.js';

/** What a recorded MaxPool kernel carries. */
interface PoolAttrs {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * The gradient of max pooling, which goes to the first of equal values in a window, row by row. The kernel of the wasm engine takes 0
 * for the least value and the last of equals, so it is not asked.
 */
export const maxPoolGradient: tf.GradConfig = {
  kernelName: tf.MaxPool,
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradFunc: (dy, saved, attrs) => {
    const [x, y] = saved as [tf.Tensor4D, tf.Tensor4D];
    const grad = dy as tf.Tensor4D;
    if (tf.getBackend() === 'wasm') return { x: () => plainGradient(x, y, grad, attrs as unknown as PoolAttrs) };
    const inputs = { dy: grad, input: x, output: y };
    return { x: () => tf.engine().runKernel(tf.MaxPoolGrad, inputs, attrs) as tf.Tensor };
  },
};

/** For each place in the window: what the windows give whose largest value lies there, and in no place before it. */
function plainGradient(x: tf.Tensor4D, y: tf.Tensor4D, dy: tf.Tensor4D, attrs: PoolAttrs): tf.Tensor4D {
  return tf.tidy(() => {
    const { filterSize, strides, pad, dimRoundingMode } = attrs;
    const info = tf.backend_util.computePool2DInfo(x.shape, filterSize, strides, 1, pad, dimRoundingMode);
    const { filterHeight, filterWidth, strideHeight, strideWidth, inHeight, inWidth, padInfo } = info;
    const [tall, wide] = [(info.outHeight - 1) * strideHeight + 1, (info.outWidth - 1) * strideWidth + 1];
    let open: tf.Tensor = tf.onesLike(dy);
    let dx: tf.Tensor4D = tf.zerosLike(x);
    for (let ky = 0; ky < filterHeight; ky++) {
      for (let kx = 0; kx < filterWidth; kx++) {
        const [top, left] = [ky - padInfo.top, kx - padInfo.left];
        const fitted = padOrCut(x, [-top, top + tall - inHeight], [-left, left + wide - inWidth], -Infinity);
        const seen = tf.stridedSlice(fitted, [0, 0, 0, 0], fitted.shape, [1, strideHeight, strideWidth, 1]);
        const here = tf.mul(open, tf.cast(tf.equal(seen, y), 'float32'));
        const given = insertZeros(tf.mul(dy, here), strideHeight, strideWidth);
        const placed = padOrCut(given, [top, inHeight - top - tall], [left, inWidth - left - wide]);
        dx = tf.add(dx, placed);
        open = tf.sub(open, here);
      }
    }
    return dx;
  });
}
