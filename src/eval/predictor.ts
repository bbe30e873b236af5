import tf from '../common/tf.cjs';
import { compile } from '../engine/compile.js';
import type { Precision } from '../engine/precision.js';
import { tidyValues } from '../engine/tidy-values.js';
import type { Network } from '../models/network.js';
import { requireNetworkFor } from '../models/task.js';
import type { Collated, Values } from '../tasks/arrays.js';
import type { Task } from '../tasks/task.js';
import type { LabelMap } from '../image/pixels.js';
import { LogitBlender } from './blend.js';
import { fitFrames, type Frames } from './frames.js';

export type { Frames } from './frames.js';
import { type Cut, cutOf, type TileChoice } from './tile-memory.js';
import { planTiles, type Span, type Tiling } from './tiles.js';

/** Height and width in pixels. */
export interface FrameSize {
  height: number;
  width: number;
}

/** How far an answer is. */
export interface RunsDone {
  /** Runs of the network, of `total`. */
  done: number;
  total: number;
}

/** A network ready to answer: bytes in, an answer of its task for each frame out. */
export interface Predictor<Answer = LabelMap> {
  readonly task: Task<unknown, Answer>;
  /**
   * Answers for frames of any size: they are brought to the network's where it has one, and what is no multiple of the network's stride is padded at the right and
   * at the bottom with `fill`, and cut off again.
   *
   * @param size of an answer per pixel, where it is not the frames' own: the logits are brought to it bilinearly before classes are
   *   chosen, as PyTorch's `F.interpolate(logits, size, mode='bilinear', align_corners=False)` does
   */
  predict(frames: Frames, size?: FrameSize): Answer[];
  /**
   * As {@link predict}, with a stop after each run of the network, at which a caller may let others have a turn, report or give up. The
   * weights have to be the same again when it goes on. A frame that goes whole has one run.
   */
  predictInRuns(frames: Frames, size?: FrameSize): Generator<RunsDone, Answer[], void>;
  /** Unloads the graphs; the network stays. */
  dispose(): void;
}

/** What lies beside a padded image: ImageNet's mean colour, which normalization takes to about 0. */
export const FILL = [124, 116, 104] as const;

export interface PredictorOptions {
  /** Arithmetic. Default: the engine's. */
  precision?: Precision;
  /**
   * Names of the tensors that may change while the predictor lives: they are read anew for every frame, so that swapping an
   * adaptor in changes the next answer. The others are frozen into the graph, once for all sizes of frames, which is faster.
   * Default: all.
   */
  changing?: ReadonlySet<string>;
  /**
   * Frames that are larger than this go in overlapping tiles of at most this size, so that memory has a bound, or in tiles that keep
   * the process within a bound; `none`: every frame goes whole. Unless said, frames of more than 2,097,152 pixels go in tiles of at most
   * as many. See docs/large-pictures.md.
   */
  tile?: TileChoice;
}

/** Readies a network to answer; see {@link PredictorOptions.changing} for when its weights are read. */
export function createPredictor<Answer>(
  network: Network,
  task: Task<unknown, Answer>,
  { precision, changing, tile }: PredictorOptions = {},
): Predictor<Answer> {
  requireNetworkFor(task, network);
  const cut = task.dense ? cutOf(network, tile) : WHOLE;
  const frozen =
    changing && new Set(network.parameters.filter(({ name }) => !changing.has(name)).map(({ variable }) => variable));
  const fold = frozen && ((variable: tf.Variable): boolean => frozen.has(variable));
  const ready = <T extends tf.Tensor | tf.NamedTensorMap>(answer: (images: tf.Tensor4D) => T) =>
    compile(answer, undefined, { precision, fold, shareSizes: true, makesVariables: false });
  const answersOf = ready((images) => tf.tidy(() => task.answer(network.forward(images))));
  const { dense } = task;
  const preparedOf = compile(
    (images: tf.Tensor4D, sizes: tf.Tensor, scales: tf.Tensor) =>
      tf.tidy(() => task.answer(network.forward(images, undefined, { sizes, scales }))),
    undefined,
    { precision, fold, shareSizes: true, makesVariables: false },
  );
  const logitsOf = ready((images) => network.forward(images)[dense!.logits] as tf.Tensor4D);
  const { stride } = network.input;
  const round = (size: number): number => Math.ceil(size / stride) * stride;
  const whole = ({ images, batch, height, width }: Frames, size: FrameSize): Answer[] => {
    if (network.prepare) {
      const answers = (): tf.NamedTensorMap => {
        const frames = network.prepare!(tf.tensor4d(images, [batch, height, width, 3], 'int32'), size);
        return preparedOf(frames.images, frames.given.sizes!, frames.given.scales!);
      };
      return task.decode(
        tidyValues(() => valuesOf(answers())),
        size,
      );
    }
    const [tall, wide] = [round(height), round(width)];
    const padded = padFrames({ images, batch, height, width }, tall, wide);
    const input = (): tf.Tensor4D => tf.tensor4d(padded, [batch, tall, wide, 3], 'int32');
    const isSame = !dense || (size.height === height && size.width === width);
    if (isSame)
      return task.decode(
        tidyValues(() => valuesOf(answersOf(input()))),
        size,
        { height, width },
      );
    const resized = (): tf.NamedTensorMap => {
      const seen = tf.slice(logitsOf(input()), [0, 0, 0, 0], [batch, height, width, network.spec.classes]);
      return task.answer({ [dense.logits]: resizeLogits(seen as tf.Tensor4D, size) });
    };
    return task.decode(
      tidyValues(() => valuesOf(resized())),
      size,
    );
  };
  function* inTiles(frame: Frames, size: FrameSize, most: Tiling | number): Generator<RunsDone, Answer[], void> {
    const { rows, columns } = planTiles(frame, size, stride, most);
    const { answer, dtype } = dense!;
    const blender = new LogitBlender(rows, columns, frame, network.spec.classes, dense!);
    const total = blender.order.length;
    for (const [i, { row, column }] of blender.order.entries()) {
      const images = cutTile(frame, row, column);
      const shape: [number, number, number, number] = [1, row.length, column.length, 3];
      blender.add(tidyValues(() => logitsOf(tf.tensor4d(images, shape, 'int32')).dataSync() as Float32Array));
      if (i + 1 < total) yield { done: i + 1, total };
    }
    return task.decode({ [answer]: { dtype, shape: [1, size.height, size.width], data: blender.values } }, size);
  }
  function* predictInRuns(
    given: Frames,
    size: FrameSize = { height: given.height, width: given.width },
  ): Generator<RunsDone, Answer[], void> {
    const frames = fitFrames(given, network.input);
    const { batch, height, width } = frames;
    const most = tilesFor(frames, size, stride, cut);
    // The memory of a batch is bounded as that of one frame is.
    const together = most ? 1 : Math.max(1, Math.floor(cut.pixels / (height * width)));
    if (together >= batch && !most) return whole(frames, size);
    const answers: Answer[] = [];
    for (let i = 0; i < batch; i += together) {
      if (i > 0) yield { done: i, total: batch };
      const count = Math.min(together, batch - i);
      const images = frames.images.subarray(i * height * width * 3, (i + count) * height * width * 3);
      const part = { images, batch: count, height, width };
      answers.push(...(most ? yield* inTiles(part, size, most) : whole(part, size)));
    }
    return answers;
  }
  return {
    task,
    predict(frames, size) {
      const runs = predictInRuns(frames, size);
      for (;;) {
        const { done, value } = runs.next();
        if (done) return value;
      }
    },
    predictInRuns,
    dispose() {
      answersOf.dispose();
      preparedOf.dispose();
      logitsOf.dispose();
    },
  };
}

/** Frames that are answered as a whole have no bound. */
const WHOLE: Cut = { tiling: undefined, pixels: Infinity };

/** What tensors hold. */
export function valuesOf(tensors: tf.NamedTensorMap): Collated {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]): [string, Values] => {
      const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32';
      return [name, { dtype, shape: tensor.shape, data: tensor.dataSync() as Int32Array | Float32Array }];
    }),
  );
}

/** The tiles of a frame at most: those that were given, or their pixels; undefined where it goes whole. */
function tilesFor(
  { height, width }: FrameSize,
  size: FrameSize,
  stride: number,
  { tiling, pixels }: Cut,
): Tiling | number | undefined {
  const isLarge = tiling ? height > tiling.height || width > tiling.width : height * width > pixels;
  if (isLarge) return tiling ?? pixels;
  // The frame is one tile, whose logits are brought to the answer's size row by row.
  const side = (length: number): number => Math.max(4, Math.ceil(length / stride)) * stride;
  if (size.height * size.width > pixels) return { height: side(height), width: side(width), overlap: 0 };
  return undefined;
}

/**
 * `[batch, height, width, classes]` brought to another size bilinearly: pixels are areas, so that corners do not coincide, and the outermost
 * ones go on.
 */
export function resizeLogits(logits: tf.Tensor4D, { height, width }: FrameSize): tf.Tensor4D {
  return tf.image.resizeBilinear(logits, [height, width], false, true);
}

/** Frames filled up at the right and at the bottom. */
export function padFrames({ images, batch, height, width }: Frames, tall: number, wide: number): Uint8Array {
  if (tall === height && wide === width) return images;
  const padded = new Uint8Array(batch * tall * wide * 3);
  for (let i = 0; i < padded.length; i++) padded[i] = FILL[i % 3]!;
  for (let row = 0; row < batch * height; row++) {
    const to = (Math.floor(row / height) * tall + (row % height)) * wide * 3;
    padded.set(images.subarray(row * width * 3, (row + 1) * width * 3), to);
  }
  return padded;
}

/** The pixels of a tile, filled up where it reaches beyond its frame. */
function cutTile({ images, height, width }: Frames, row: Span, column: Span): Uint8Array {
  const [tall, wide] = [Math.min(row.length, height - row.start), Math.min(column.length, width - column.start)];
  const part = new Uint8Array(tall * wide * 3);
  for (let y = 0; y < tall; y++) {
    const from = ((row.start + y) * width + column.start) * 3;
    part.set(images.subarray(from, from + wide * 3), y * wide * 3);
  }
  return padFrames({ images: part, batch: 1, height: tall, width: wide }, row.length, column.length);
}
