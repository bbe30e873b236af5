import tf from '../common/tf.cjs';
import { readFile } from '../common/read-file.js';
import { decodeImage } from '../image/decode.js';
import type { Network } from '../models/network.js';
import { fitFrames } from './frames.js';

/**
 * A picture of a file as a network takes it: resized and cut where the network says so, else filled up to a multiple of its stride with its last
 * row and column. The caller disposes it.
 *
 * @returns `[1, height, width, 3]`, 0..255
 * @throws E_IMAGE_DECODE, and the system's error
 */
export async function pictureFor({ input }: Pick<Network, 'input'>, path: string): Promise<tf.Tensor4D> {
  const { data, width, height } = await decodeImage(await readFile(path), path);
  const frame = fitFrames({ images: data, batch: 1, height, width }, input);
  const [below, right] = [frame.height, frame.width].map(
    (side) => Math.ceil(side / input.stride) * input.stride - side,
  );
  const columns = [...Array(frame.width + right!).keys()].map((x) => Math.min(x, frame.width - 1));
  const rows = [...Array(frame.height + below!).keys()].map((y) => Math.min(y, frame.height - 1));
  return tf.tidy(() => {
    const image = tf.tensor4d(frame.images, [1, frame.height, frame.width, 3], 'int32');
    return tf.gather(tf.gather(image, tf.tensor1d(rows, 'int32'), 1), tf.tensor1d(columns, 'int32'), 2);
  });
}
