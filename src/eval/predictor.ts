import * as tf from '@tensorflow/tfjs';
import { compile } from '../engine/compile.js';
import type { Precision } from '../engine/precision.js';
import { tidyValues } from '../engine/tidy-values.js';
import type { Network } from '../models/network.js';
import type { Task } from '../models/task.js';

/** Frames as bytes, `[batch, height, width, 3]`, 0..255. */
export interface Frames {
  images: Uint8Array;
  batch: number;
  height: number;
  width: number;
}

/** Height and width in pixels. */
export interface FrameSize {
  height: number;
  width: number;
}

/** A network ready to answer: bytes in, class ids out. */
export interface Predictor {
  /**
   * Class ids `[batch, height, width]` of frames of any size: what is no multiple of the network's stride is padded at the right and
   * at the bottom with `fill`, and cut off again.
   *
   * @param size of the answer, where it is not the frames' own: the logits are brought to it bilinearly before classes are chosen, as
   *   PyTorch's `F.interpolate(logits, size, mode='bilinear', align_corners=False)` does
   */
  predict(frames: Frames, size?: FrameSize): Uint8Array;
  /** Unloads the graphs; the network stays. */
  dispose(): void;
}

/** What lies beside a padded image: ImageNet's mean colour, which normalization takes to about 0. */
export const FILL = [124, 116, 104] as const;

export interface PredictorOptions {
  /** Arithmetic; the engine's unless said. */
  precision?: Precision;
  /**
   * Names of the tensors that may change while the predictor lives: they are read anew for every frame, so that swapping an
   * adaptor in changes the next answer. The others are frozen into the graph, once for all sizes of frames, which is faster. All
   * unless said.
   */
  changing?: ReadonlySet<string>;
}

/** Readies a network to answer; see {@link PredictorOptions.changing} for when its weights are read. */
export function createPredictor(
  network: Network,
  task: Task,
  { precision, changing }: PredictorOptions = {},
): Predictor {
  const frozen =
    changing && new Set(network.state.filter(({ name }) => !changing.has(name)).map(({ variable }) => variable.read()));
  const fold = frozen && ((variable: tf.Variable): boolean => frozen.has(variable));
  const ready = <T extends tf.Tensor>(answer: (images: tf.Tensor4D) => T) =>
    compile(answer, undefined, { precision, fold, shareSizes: true });
  const classesOf = ready((images) => task.predict(network, images));
  const logitsOf = ready((images) => task.logits(network, images));
  const round = (size: number): number => Math.ceil(size / network.stride) * network.stride;
  return {
    predict({ images, batch, height, width }, size = { height, width }) {
      const [tall, wide] = [round(height), round(width)];
      const padded = padFrames({ images, batch, height, width }, tall, wide);
      const input = (): tf.Tensor4D => tf.tensor4d(padded, [batch, tall, wide, 3], 'int32');
      if (size.height !== height || size.width !== width) {
        return tidyValues(() => {
          const seen = tf.slice(logitsOf(input()), [0, 0, 0, 0], [batch, height, width, network.config.classes]);
          return Uint8Array.from(tf.argMax(resizeLogits(seen, size), -1).dataSync());
        });
      }
      const ids = tidyValues(() => classesOf(input()).dataSync());
      const result = new Uint8Array(batch * height * width);
      for (let row = 0; row < batch * height; row++) {
        const from = (Math.floor(row / height) * tall + (row % height)) * wide;
        for (let x = 0; x < width; x++) result[row * width + x] = ids[from + x]!;
      }
      return result;
    },
    dispose() {
      classesOf.dispose();
      logitsOf.dispose();
    },
  };
}

/**
 * `[batch, height, width, classes]` brought to another size bilinearly: pixels are areas, so that corners do not coincide, and the outermost
 * ones go on.
 */
export function resizeLogits(logits: tf.Tensor4D, { height, width }: FrameSize): tf.Tensor4D {
  return tf.image.resizeBilinear(logits, [height, width], false, true);
}

function padFrames({ images, batch, height, width }: Frames, tall: number, wide: number): Uint8Array {
  if (tall === height && wide === width) return images;
  const padded = new Uint8Array(batch * tall * wide * 3);
  for (let i = 0; i < padded.length; i++) padded[i] = FILL[i % 3]!;
  for (let row = 0; row < batch * height; row++) {
    const to = (Math.floor(row / height) * tall + (row % height)) * wide * 3;
    padded.set(images.subarray(row * width * 3, (row + 1) * width * 3), to);
  }
  return padded;
}
