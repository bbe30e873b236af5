import tf from '../common/tf.cjs';

/** The upsampler's factor; its transposed convolution has a 16x16 kernel, stride 8, padding 4. */
export const UPSAMPLING = 8;

/**
 * Bilinear upsampling by 8, equal to the reference's fixed grouped transposed convolution (16x16, stride 8, padding 4):
 * beyond the border lie zeros, not copies of the edge. A bilinear kernel is separable, so it runs as two matrix products.
 *
 * @param x `[batch, height, width, channels]`
 * @returns `[batch, 8 height, 8 width, channels]`
 * @source fyu/drn, segment.py: `up` and `fill_up_weights`
 */
export function upsampleBilinear(x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape;
    const columns = interpolation(width);
    const rows = interpolation(height);
    // One matrix for all rows of all samples: a product takes it as often as it is needed without a copy.
    const wide = tf.matMul(tf.expandDims(columns, 0), tf.reshape(x, [batch * height, width, channels]));
    const flat = tf.reshape(wide, [batch, height, width * UPSAMPLING * channels]);
    const tall = tf.matMul(tf.expandDims(rows, 0), flat);
    return tf.reshape(tall, [batch, height * UPSAMPLING, width * UPSAMPLING, channels]);
  });
}

/** `[8 size, size]`: how much of each input an output takes. */
function interpolation(size: number): tf.Tensor2D {
  const weights = new Float32Array(size * UPSAMPLING * size);
  for (let out = 0; out < size * UPSAMPLING; out++) {
    const center = (out + 0.5) / UPSAMPLING - 0.5;
    const first = Math.floor(center);
    if (first >= 0) weights[out * size + first] = 1 - (center - first);
    if (first + 1 < size) weights[out * size + first + 1] = center - first;
  }
  return tf.tensor2d(weights, [size * UPSAMPLING, size]);
}

/** The transposed convolution's kernel as the reference stores it, `[classes, 1, 16, 16]`, flat. */
export function bilinearKernel(classes: number): Float32Array {
  const tap = Array.from({ length: 16 }, (_, i) => 1 - Math.abs(i / 8 - 15 / 16));
  const kernel = new Float32Array(classes * 256);
  for (let c = 0; c < classes; c++)
    for (let y = 0; y < 16; y++) for (let x = 0; x < 16; x++) kernel[c * 256 + y * 16 + x] = tap[y]! * tap[x]!;
  return kernel;
}
