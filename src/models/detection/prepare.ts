import tf from '../../common/tf.cjs';
import { detectionSize, paddedSize } from '../../detect/transform.js';
import type { Size } from '../../image/resize.js';
import type { Preprocessing } from '../preprocessing.js';

/** What a detector has to know of images that were brought to its size. */
export interface Framing {
  /** Of each image within the padded one, `[batch, 2]`: height, width. */
  sizes: tf.Tensor2D;
  /** What pixels there are of pixels that places are answered in, `[batch, 2]`: down, across. */
  scales: tf.Tensor2D;
}

/**
 * Images with the sides that a detector looks at, padded at the right and at the bottom with what normalization takes to 0.
 *
 * @param images `[batch, height, width, 3]` in 0..255
 * @param answered size that places are answered for
 * @returns images as float32 in 0..255, their sides multiples of 32
 * @source torchvision, models/detection/transform.py: bilinear, half pixels, not antialiased
 */
export function framed(
  images: tf.Tensor4D,
  answered: Size,
  { mean, sides }: Preprocessing,
): { images: tf.Tensor4D; given: { [K in keyof Framing]: Framing[K] } } {
  const [batch, height, width] = images.shape;
  const seen = sides ? detectionSize({ height, width }, sides) : { height, width };
  const padded = paddedSize([seen]);
  const every = (row: [number, number]): tf.Tensor2D => tf.tensor2d(Array.from({ length: batch }, () => row));
  return {
    images: tf.tidy(() => {
      const pixels = tf.cast(images, 'float32') as tf.Tensor4D;
      const isSame = seen.height === height && seen.width === width;
      const resized = isSame ? pixels : tf.image.resizeBilinear(pixels, [seen.height, seen.width], false, true);
      const middle = tf.tensor1d(mean.map((share) => 255 * share));
      const around: [number, number][] = [[0, 0], [0, padded.height - seen.height], [0, padded.width - seen.width], [0, 0]]; // prettier-ignore
      return tf.add(tf.pad(tf.sub(resized, middle), around), middle) as tf.Tensor4D;
    }),
    given: {
      sizes: every([seen.height, seen.width]),
      scales: every([answered.height / seen.height, answered.width / seen.width]),
    },
  };
}
