import tf from '../common/tf.cjs';

/**
 * The orthonormal DCT-II as a matrix: row `k` holds the cosine of `k / 2` periods over `size` samples, each row of length 1. Its
 * transpose is its inverse.
 *
 * @returns `[size, size]`, row-major
 * @source scipy.fft.dct(type=2, norm='ortho')
 */
export function dctMatrix(size: number): Float32Array {
  const matrix = new Float32Array(size * size);
  for (let k = 0; k < size; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / size);
    for (let n = 0; n < size; n++) matrix[k * size + n] = scale * Math.cos((Math.PI * k * (2 * n + 1)) / (2 * size));
  }
  return matrix;
}

/**
 * Coefficients of the whole-frame DCT of every channel, and back: two matrix products each, differentiable. Coefficients are
 * `[height, 3, width]`, with the channels in the middle, so that either product is of two plain matrices.
 */
export interface FrameDct {
  /** `[height, 3, width]` of an image `[height, width, 3]`: `X = C_h x C_w^T` per channel. */
  forward(image: tf.Tensor3D): tf.Tensor3D;
  /** `[height, width, 3]` of coefficients `[height, 3, width]`: `x = C_h^T X C_w` per channel. */
  inverse(coefficients: tf.Tensor3D): tf.Tensor3D;
}

/** @param down the matrix of the height, `[height, height]`; @param across that of the width, `[width, width]` */
export function frameDct(down: tf.Tensor2D, across: tf.Tensor2D): FrameDct {
  const [height, width] = [down.shape[0], across.shape[0]];
  const apply = (values: tf.Tensor3D, inverted: boolean): tf.Tensor3D => {
    const columns = tf.reshape(values, [height, 3 * width]) as tf.Tensor2D;
    const half = tf.reshape(tf.matMul(down, columns, inverted, false), [height * 3, width]) as tf.Tensor2D;
    return tf.reshape(tf.matMul(half, across, false, !inverted), [height, 3, width]);
  };
  return {
    forward: (image) => tf.tidy(() => apply(tf.transpose(image, [0, 2, 1]), false)),
    inverse: (coefficients) => tf.tidy(() => tf.transpose(apply(coefficients, true), [0, 2, 1])),
  };
}
