import tf from '../common/tf.cjs';
import type { DetectionSize } from '../detect/transform.js';
import type { Fit } from '../image/fit.js';

/** What becomes of pictures before a network sees them: resized and cut, then `(x / 255 - mean) / std`, per channel. */
export interface Preprocessing {
  mean: [number, number, number];
  std: [number, number, number];
  /** Of a network whose answer is for the whole picture. Default: pictures keep their size. */
  fit?: Fit;
  /** Of a network that finds things: what the sides of pictures are brought to. Default: pictures keep their size. */
  sides?: DetectionSize;
}

/** ImageNet's statistics. */
export const IMAGENET: Preprocessing = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** `[batch, height, width, 3]` in 0..255, or of one channel, to normalized fp32. */
export function normalize(images: tf.Tensor4D, { mean, std }: Preprocessing): tf.Tensor4D {
  return tf.tidy(() => {
    const channels = images.shape[3];
    const factor = tf.tensor1d(std.slice(0, channels).map((s) => 1 / (255 * s)));
    const shift = tf.tensor1d(mean.slice(0, channels).map((m, c) => -m / std[c]!));
    return tf.add(tf.mul(tf.cast(images, 'float32'), factor), shift);
  });
}
