import type tf from '../common/tf.cjs';
import type { Size } from '../image/resize.js';
import type { Collated } from './arrays.js';
import type { TaskName } from './names.js';
import type { Placement } from './placement.js';

/** What samples are labelled with, from reading to the batch: no engine is needed, so that threads can do it. */
export interface Targets<Target = unknown, Name extends TaskName | 'none' = TaskName | 'none'> {
  /** Of the task: `segmentation`; `none` where nothing is known of the images. */
  readonly name: Name;
  /** How a sample's target is called, in the plural: `label maps`. */
  readonly noun: string;
  /** Whether a sample's label is the path of a file; else it is what the sample shows, in words. */
  readonly labelFiles: boolean;
  /** Images of one batch may differ in size: smaller ones are filled up at the right and at the bottom, and targets say how large each is. */
  readonly pads?: boolean;
  /** The target of a crop that is cut out of the image, scaled and mirrored as the image is. */
  place(target: Target, placement: Placement): Target;
  /**
   * Stacks the targets of a batch.
   *
   * @param names of the targets' files, for errors
   * @throws E_DATA_SIZE where they do not stack
   */
  collate(targets: readonly Target[], names: readonly string[]): Collated;
  /** The target of an image of which nothing is known. */
  unknown(image: Size): Target;
  /** Whether there is something to learn from a batch. */
  isTaught(collated: Collated): boolean;
  /** Class ids that it holds, one for each that counts: of every pixel, or of the image. Where nothing is known, the dataset's `ignore`. */
  ids(target: Target): ArrayLike<number>;
  /**
   * Whether a target is one of its image; absent where every one is.
   *
   * @param where its file, for errors
   * @param resized the image may have been made smaller
   * @throws E_DATA_SIZE where it is not
   */
  check?(target: Target, image: Size, where: string, resized?: boolean): void;
}

/** How two answers are compared. */
export interface DistanceOptions {
  /** What logits are divided by, so that what is unlikely weighs more. Default: 1. */
  temperature?: number;
  /** Targets of the batch: where they say that a place counts nowhere, it does not. Default: all count. */
  targets?: tf.NamedTensorMap;
}

/** An array of an answer, as servers describe it. */
export interface PackedArray {
  name: string;
  /** As the Open Inference Protocol calls it. */
  datatype: 'UINT8' | 'FP32' | 'INT32';
  /** -1 where an axis depends on the frame. */
  shape: readonly number[];
}

/** What a task has to know of a network to say what its answers hold. */
export interface PackingNetwork {
  spec: { classes: number };
  /** The network's own outputs, where they have names and shapes of their own. */
  outputs?: readonly PackedArray[];
}

/** How a pixel's answer follows from its logits. */
export interface Dense {
  /** Name of the output that holds logits of every pixel, `[batch, height, width, classes]`. */
  logits: string;
  /** Name of what {@link Task.decode} reads, a value per pixel, `[batch, height, width]`, and its type. */
  answer: string;
  dtype: 'int32' | 'float32';
  /** Room for the values of so many pixels. */
  room(pixels: number): Uint8Array | Float32Array;
  /** The value of a pixel. */
  choose(logits: Float32Array): number;
}

/** What a network is trained for and measured by, in terms of what it puts out; of networks and files it knows nothing. */
export interface Task<Target = unknown, Answer = unknown, Counts = unknown> extends Targets<Target, TaskName> {
  /**
   * Scalars by name; training follows their sum.
   *
   * @param outputs of the network for a batch: `{ logits }`
   * @param targets as {@link Targets.collate} makes them, as tensors
   */
  losses(outputs: tf.NamedTensorMap, targets: tf.NamedTensorMap): Record<string, tf.Scalar>;
  /** What {@link Targets.collate} stacked. */
  uncollate(collated: Collated): Target[];
  /**
   * How far outputs are from the answer that a network gives: a scalar, 0 where both are the same, differentiable in both.
   *
   * @param answers the outputs that are right
   */
  distance(answers: tf.NamedTensorMap, outputs: tf.NamedTensorMap, options?: DistanceOptions): tf.Scalar;
  /** What answers are read from, by name, computed from a network's outputs within its graph. */
  answer(outputs: tf.NamedTensorMap): tf.NamedTensorMap;
  /**
   * One answer per image.
   *
   * @param values of {@link answer}
   * @param size of the answers; the images may have been padded at the right and at the bottom
   * @param seen size of the images as the network saw them, where answers are to be of another. Default: `size`
   */
  decode(values: Collated, size: Size, seen?: Size): Answer[];
  /** An answer as a target, so that others can be compared with it. */
  targetOf(answer: Answer): Target;
  /** An answer as arrays by name, `[1, ...]` each, as servers hand it out. Bytes are UINT8 there. */
  pack(answer: Answer): Collated;
  /** The arrays of {@link pack} before there is an answer of the network. */
  packs(network: PackingNetwork): readonly PackedArray[];
  /** How pixels are answered one by one, where they are: large images may go in tiles then, and answers may have another size than images. */
  readonly dense?: Dense;
  /** The size that answers are compared with targets at, where it may differ from the image's. */
  answerSize?(targets: Collated): Size;
  metric(classes: number): Metric<Answer, Counts>;
}

/** What answers are judged by. Counts of several images add up, so that scores of any of them follow. */
export interface Metric<Answer = unknown, Counts = unknown> {
  /** The score that networks are compared by: `miou`. */
  readonly primary: string;
  /** Scores that experiments compare one by one, the primary among them. Default: the primary. */
  readonly compared?: readonly string[];
  /** Headings of the scores that tables show, by name, in their order. */
  readonly headings: Readonly<Record<string, string>>;
  /** Counts of no image. */
  none(): Counts;
  /**
   * Counts of one image.
   *
   * @param target of the image, as `imageOf` gives it
   * @param where the image, for errors
   */
  count(target: Collated, answer: Answer, where: string): Counts;
  /** Adds counts to the first ones. */
  merge(sum: Counts, counts: Counts): void;
  /** Scores by name, 0..1 each; NaN where nothing counts. */
  scores(counts: Counts): Record<string, number>;
  /**
   * What gives a score of images by how often each was drawn, the same as of their counts added up that often; only where that is much
   * faster.
   *
   * @param score one of {@link compared}. Default: the primary
   */
  drawn?(images: readonly Counts[], score?: string): (times: ArrayLike<number>) => number;
  /** Scores per class, `[classes]`, by name; NaN where a class has none. */
  classScores(counts: Counts): Record<string, Float64Array>;
  /** Counts of images one by one as text, small enough to be kept with results. */
  pack(images: readonly Counts[]): PackedCounts;
  /** @throws E_EVAL_COUNTS for text that does not hold counts of so many images */
  unpack(packed: PackedCounts, images: number): Counts[];
}

/** Counts per image as text. */
export interface PackedCounts {
  /** What is the same in all evaluations of the same images. */
  truth: string;
  answers: string;
}
