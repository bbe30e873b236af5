import tf from '../../common/tf.cjs';
import { resize } from '../../ops/index.js';
import type { Size } from '../../image/resize.js';
import { normalize, type Preprocessing } from '../preprocessing.js';
import { channelsLast, inOrder } from './axes.js';
import type { OnnxInput } from './config.js';
import { placeOf } from './place.js';
import type { ElementType } from './types.js';
import { engineType, Value } from './value.js';

/** Weights of red, green and blue in the luminance. @source ITU-R BT.601 */
const LUMINANCE = [0.299, 0.587, 0.114];
/** What lies beside a picture that is fitted into another shape. */
const BORDER = 114;

/**
 * The network's input for pictures, within the caller's tidy.
 *
 * @param images `[batch, height, width, 3]`, 0..255; one where the file takes no batch
 * @param type of the file's input; whole numbers are pixels as they are
 */
export function inputValue(
  images: tf.Tensor4D,
  input: OnnxInput,
  preprocessing: Preprocessing,
  type: ElementType,
): Value {
  const fitted = fit(tf.cast(images, 'float32'), input);
  const ordered = channelsOf(fitted, input.channels);
  const pixels =
    engineType(type) === 'float32' ? normalize(ordered, preprocessing) : tf.cast(tf.round(ordered), engineType(type));
  const isFirst = input.layout === 'nchw';
  if (!input.unbatched) return Value.of(type, pixels, isFirst ? channelsLast(4) : inOrder(4));
  const [picture] = tf.unstack(pixels);
  return Value.of(type, picture!, isFirst ? [1, 2, 0] : inOrder(3));
}

function fit(images: tf.Tensor4D, input: OnnxInput): tf.Tensor4D {
  const { size } = input;
  if (!size) return images;
  const [batch, height, width, channels] = images.shape;
  const place = placeOf({ height, width }, input);
  const sizes = [batch, place.height, place.width, channels];
  const resized = resize(images, sizes, { mode: 'linear', coordinates: 'half_pixel' }) as tf.Tensor4D;
  const [below, right] = [size.height - place.height - place.top, size.width - place.width - place.left];
  const borders: [number, number][] = [[0, 0], [place.top, below], [place.left, right], [0, 0]]; // prettier-ignore
  return borders.every(([before, after]) => before + after === 0) ? resized : tf.pad(resized, borders, BORDER);
}

function channelsOf(images: tf.Tensor4D, channels: OnnxInput['channels']): tf.Tensor4D {
  if (channels === 'rgb') return images;
  if (channels === 'bgr') return tf.reverse(images, -1);
  return tf.sum(tf.mul(images, tf.tensor1d(LUMINANCE)), -1, true);
}

/**
 * What was answered for the network's input as an answer of the picture.
 *
 * @param answers `[batch, height, width, channels]` of any resolution
 * @returns `[batch, ...picture, channels]`
 */
export function answersOfPicture(answers: tf.Tensor4D, picture: Size, input: OnnxInput): tf.Tensor4D {
  const [batch, height, width, channels] = answers.shape;
  const whole = input.size ?? picture;
  const { top, left, ...own } = placeOf(picture, input);
  const [down, across] = [height / whole.height, width / whole.width];
  const [y, x] = [Math.round(top * down), Math.round(left * across)];
  const [tall, wide] = [Math.max(1, Math.round(own.height * down)), Math.max(1, Math.round(own.width * across))];
  const part =
    tall === height && wide === width ? answers : tf.slice(answers, [0, y, x, 0], [batch, tall, wide, channels]);
  const sizes = [batch, picture.height, picture.width, channels];
  return resize(part, sizes, { mode: 'linear', coordinates: 'half_pixel' }) as tf.Tensor4D;
}
