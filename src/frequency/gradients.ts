import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import type { Batch } from '../data/batches.js';
import { compile } from '../engine/compile.js';
import { tidyValues } from '../engine/tidy-values.js';
import { fitFrames } from '../eval/frames.js';
import { FILL } from '../eval/predictor.js';
import type { Network } from '../models/network.js';
import { requireNetworkFor, requireOutputsToLearnFrom } from '../models/task.js';
import type { Collated } from '../tasks/arrays.js';
import { tensorsOf } from '../tasks/tensors.js';
import { sumOf } from '../train/loss.js';
import { labels } from '../train/objectives/labels.js';
import type { Objective, Setting } from '../train/objectives/objective.js';
import { dctMatrix, frameDct } from './dct.js';

/** The loss of one image, and its gradient with regard to the image's DCT coefficients. */
export interface ImageGradient {
  loss: number;
  /** `[height, 3, width]`: loss per gray level (0..255) of each coefficient. */
  gradient: Float32Array;
}

/** An image as a meter takes it: a batch of one, at the size that the network sees. */
export type MeasuredImage = Pick<Batch, 'ids' | 'images' | 'clean' | 'targets'>;

/** Measures images of one size, one at a time. */
export interface GradientMeter {
  measure(image: MeasuredImage): ImageGradient;
  /** Unloads the graph and what the objective made; the network stays. */
  dispose(): void;
}

/** What the loss is. */
export interface MeterSetting extends Setting {
  /** Default: labels. */
  objective?: Objective;
}

/**
 * Readies a network: coefficients, inverse DCT, normalization of pixels, network and loss become one graph, and the gradient flows
 * back to the coefficients alone. Batch normalizations use their running statistics, weights stay as they are. What is no multiple
 * of the network's stride is padded as `createPredictor` does it, and the padding has no label.
 *
 * @param size of the images, in pixels
 * @throws E_USAGE for a network of another task, and an objective that looks at noise
 * @source Xie and Kim 2020, section 3.1.2 and Fig. 3
 */
export function gradientMeter(
  network: Network,
  { objective = labels, ...setting }: MeterSetting,
  [height, width]: readonly [height: number, width: number],
): GradientMeter {
  const { task } = setting;
  requireNetworkFor(task, network);
  requireOutputsToLearnFrom(network);
  requireNoNoise(objective);
  const { stride } = network.input;
  const [below, beside] = [height, width].map((size) => (stride - (size % stride)) % stride) as [number, number];
  const pad = (image: tf.Tensor3D): tf.Tensor4D => {
    const frame: [number, number][] = [[0, below], [0, beside]]; // prettier-ignore
    if (below === 0 && beside === 0) return tf.expandDims(image);
    const outside = tf.pad(tf.zeros([height, width, 1]), [...frame, [0, 0]], 1);
    return tf.expandDims(tf.add(tf.pad(image, [...frame, [0, 0]]), tf.mul(outside, tf.tensor1d([...FILL]))));
  };
  const opened = objective.open(setting);
  const seesClean = objective.views.includes('clean');
  let names: string[] = [];
  const run = compile(
    (image: tf.Tensor3D, clean: tf.Tensor3D, down: tf.Tensor2D, across: tf.Tensor2D, ...given: tf.Tensor[]) => {
      const dct = frameDct(down, across);
      const targets = Object.fromEntries(names.map((name, i) => [name, given[i]!]));
      const lossOf = (coefficients: tf.Tensor): tf.Scalar => {
        const distorted = pad(dct.inverse(coefficients as tf.Tensor3D));
        const views = { distorted, ...(seesClean && { clean: pad(tf.cast(clean, 'float32')) }) };
        return sumOf(opened.losses((images) => network.forward(images, () => 'running'), views, targets));
      };
      const { value, grad } = tf.valueAndGrad(lossOf)(dct.forward(tf.cast(image, 'float32')));
      return { value, grad };
    },
    undefined,
    // The DCT of an image has coefficients of thousands beside ones below 1, which bf16 would not tell apart.
    { precision: 'fp32', makesVariables: false },
  );
  const matrices = [height, width].map((size) => tf.tensor2d(dctMatrix(size), [size, size]));
  /** As training takes them: at the picture's size. */
  const placed = ({ targets, ids }: MeasuredImage): Collated => {
    const crop: [number, number] = [height + below, width + beside];
    const whole = { scaled: { width, height }, x: 0, y: 0, flip: false, crop };
    return task.collate(
      task.uncollate(targets).map((target) => task.place(target, whole)),
      ids,
    );
  };
  return {
    measure(measured) {
      return tidyValues(() => {
        const pixels = (data: Uint8Array): tf.Tensor3D => tf.tensor3d(data, [height, width, 3], 'int32');
        const image = pixels(measured.images);
        const targets = objective.needsTarget ? tensorsOf(placed(measured)) : {};
        names = Object.keys(targets);
        const clean = seesClean ? pixels(measured.clean!) : image;
        const { value, grad } = run(image, clean, matrices[0]!, matrices[1]!, ...Object.values(targets));
        return { loss: value!.dataSync()[0]!, gradient: grad!.dataSync() as Float32Array };
      });
    },
    dispose() {
      run.dispose();
      opened.dispose();
      tf.dispose(matrices);
    },
  };
}

/** An image at the size that a network sees it at. */
export function measuredBy({ input }: Pick<Network, 'input'>, image: Batch): Batch {
  const { height, width, images } = fitFrames(image, input);
  const clean = image.clean && fitFrames({ ...image, images: image.clean }, input).images;
  return { ...image, images, height, width, ...(clean && { clean }) };
}

function requireNoNoise({ name, views }: Objective): void {
  if (!views.includes('noisy')) return;
  fail('E_USAGE', { where: 'objective', expected: 'one without noise, which has no frequency response', got: name });
}
