import * as tf from '@tensorflow/tfjs';
import { compile } from '../engine/compile.js';
import { FILL } from '../eval/predictor.js';
import { tidyValues } from '../engine/tidy-values.js';
import type { Network } from '../models/network.js';
import { requireNetworkFor } from '../models/task.js';
import type { Task } from '../tasks/task.js';
import { sumOf } from '../train/loss.js';
import { dctMatrix, frameDct } from './dct.js';

/** The loss of one image, and its gradient with regard to the image's DCT coefficients. */
export interface ImageGradient {
  loss: number;
  /** `[height, 3, width]`: loss per gray level (0..255) of each coefficient. */
  gradient: Float32Array;
}

/** Measures images of one size, one at a time. */
export interface GradientMeter {
  measure(image: { images: Uint8Array; labels: ArrayLike<number> }): ImageGradient;
  /** Unloads the graph; the network stays. */
  dispose(): void;
}

/**
 * Readies a network: coefficients, inverse DCT, normalization of pixels, network and loss become one graph, and the gradient flows
 * back to the coefficients alone. Batch normalizations use their running statistics, weights stay as they are. What is no multiple
 * of the network's stride is padded as `createPredictor` does it, and the padding counts nowhere.
 *
 * @param size of the images, in pixels
 * @param ignore label of pixels that do not count
 * @source Xie and Kim 2020, section 3.1.2 and Fig. 3
 */
export function gradientMeter(
  network: Network,
  task: Task,
  [height, width]: readonly [height: number, width: number],
  ignore: number,
): GradientMeter {
  requireNetworkFor(task, network);
  const { stride } = network.input;
  const [below, beside] = [height, width].map((size) => (stride - (size % stride)) % stride);
  const frame: [number, number][] = [
    [0, below!],
    [0, beside!],
  ];
  const pad = (image: tf.Tensor3D): tf.Tensor3D => {
    if (below === 0 && beside === 0) return image;
    const outside = tf.pad(tf.zeros([height, width, 1]), [...frame, [0, 0]], 1);
    return tf.add(tf.pad(image, [...frame, [0, 0]]), tf.mul(outside, tf.tensor1d([...FILL])));
  };
  const run = compile(
    (image: tf.Tensor3D, labels: tf.Tensor2D, down: tf.Tensor2D, across: tf.Tensor2D) => {
      const dct = frameDct(down, across);
      const lossOf = (coefficients: tf.Tensor): tf.Scalar => {
        const images = tf.expandDims(pad(dct.inverse(coefficients as tf.Tensor3D))) as tf.Tensor4D;
        const targets = { labels: tf.expandDims(tf.pad(labels, frame, ignore)) };
        return sumOf(
          task.losses(
            network.forward(images, () => 'running'),
            targets,
          ),
        );
      };
      const { value, grad } = tf.valueAndGrad(lossOf)(dct.forward(tf.cast(image, 'float32')));
      return { value, grad };
    },
    undefined,
    // The DCT of an image has coefficients of thousands beside ones below 1, which bf16 would not tell apart.
    { precision: 'fp32', makesVariables: false },
  );
  const matrices = [height, width].map((size) => tf.tensor2d(dctMatrix(size), [size, size]));
  return {
    measure({ images, labels }) {
      return tidyValues(() => {
        const image = tf.tensor3d(images, [height, width, 3], 'int32');
        const ids = tf.tensor2d(labels as Uint8Array, [height, width], 'int32');
        const { value, grad } = run(image, ids, matrices[0]!, matrices[1]!);
        return { loss: value!.dataSync()[0]!, gradient: grad!.dataSync() as Float32Array };
      });
    },
    dispose() {
      run.dispose();
      tf.dispose(matrices);
    },
  };
}
