import type tf from '../common/tf.cjs';
import type { ScoredBoxes } from '../detect/scored-boxes.js';
import type { NetworkHead } from '../detect/heads/decode.js';
import type { Precision } from '../engine/precision.js';
import type { Size } from '../image/resize.js';
import type { Layout } from './layout.js';
import type { OnnxSource } from './onnx/config.js';
import type { ElementType } from './onnx/types.js';
import type { Preprocessing } from './preprocessing.js';
import type { Collated } from '../tasks/arrays.js';
import type { TaskName } from '../tasks/names.js';
import type { PackedArray } from '../tasks/task.js';
import type { Sampler } from './sampler.js';
import type { Statistics } from './statistics.js';

export type { Statistics } from './statistics.js';

/** The most classes that any network may tell apart. */
export const MOST_CLASSES = 65_535;

/** Which network, before its weights. */
export interface NetworkConfig {
  /** `drn-d-22`; `gearnn model list` names all. */
  name: string;
  /** Number of classes that it tells apart. */
  classes: number;
  /** Multiplies the channels of every layer, for small machines; 1 is the published network. */
  width: number;
  /** What normalizations add to variances, in place of the network's own: torchvision's COCO weights of detectors were trained with 0. */
  epsilon?: number;
}

/** How a network is made. */
export interface NetworkOptions {
  /** Of the first weights; null leaves them at 0, for weights that are loaded next. */
  seed: number | null;
  /** What the network is trained with; what is left out is the network's own, of most ImageNet's. */
  preprocessing?: Partial<Preprocessing>;
  /** Of a network that is a file. */
  onnx?: OnnxSource;
}

/**
 * What a parameter is for. `weight` and `bias` of a layer, `scale` and `shift` of a normalization are trained by gradient; its running `mean`
 * and `variance` are averaged; `fixed` never changes.
 */
export type Role = 'weight' | 'bias' | 'scale' | 'shift' | 'mean' | 'variance' | 'fixed';

/** One tensor of a network's state. What it is follows from role and group, never from its name. */
export interface Parameter {
  /** The reference implementation's: `base.0.0.weight`. */
  name: string;
  role: Role;
  /** The layer that it belongs to: `base.0.0`. */
  group: string;
  /** How the reference's order of axes relates to TensorFlow's. */
  layout: Layout;
  /** Shape as PyTorch stores it: `[out, in, height, width]` for a convolution, `[out, in]` for a dense layer, `[channels]` otherwise. */
  shape: number[];
  /** Number of values. */
  size: number;
  /** Where it lives, in TensorFlow's layout: convolutions as `[height, width, in, out]`, dense layers as `[in, out]`. */
  variable: tf.Variable;
}

/** A parameter without its values: what is asked of it where no network runs. */
export type ParameterInfo = Omit<Parameter, 'variable'>;

/** Whether gradients train it. */
export function isLearned({ role }: Pick<Parameter, 'role'>): boolean {
  return role === 'weight' || role === 'bias' || role === 'scale' || role === 'shift';
}

/** Whether it is a running mean or variance. */
export function isStatistic({ role }: Pick<Parameter, 'role'>): boolean {
  return role === 'mean' || role === 'variance';
}

/** Whether it belongs to a normalization. */
export function isNormalization({ role }: Pick<Parameter, 'role'>): boolean {
  return role === 'scale' || role === 'shift' || role === 'mean' || role === 'variance';
}

/** Parameters by the layer that they belong to, in their order. */
export function byGroup<P extends Pick<Parameter, 'group'>>(parameters: readonly P[]): Map<string, P[]> {
  const groups = new Map<string, P[]>();
  for (const parameter of parameters) {
    const members = groups.get(parameter.group);
    if (members) members.push(parameter);
    else groups.set(parameter.group, [parameter]);
  }
  return groups;
}

/** An output as a file has it. */
export interface RawOutput {
  tensor: tf.Tensor;
  /** The file's type: `int64`. Floats are computed in fp32 and whole numbers in 32 bits, whatever their width. */
  type: ElementType;
}

/** What a network takes. */
export interface InputSpec {
  /** What height and width must be a multiple of. */
  stride: number;
  preprocessing: Preprocessing;
  /** The size that pictures of any size are brought to inside, so that none needs cutting. */
  size?: Size;
}

/** Values that a network holds while it answers, per pixel of the picture. */
export interface Activations {
  /** Most that are alive at a time: the inputs and the output of a layer, and what layers to come still need. */
  peak: number;
  /** Outputs of all layers. */
  sum: number;
}

/**
 * A layer that reads the picture itself, or the normalization behind it, by the names of its parameters: what its output is multiplied by, and what is
 * added then.
 */
export interface Stem {
  scale: string;
  shift: string;
}

/** A network with its weights. */
export interface Network {
  spec: NetworkConfig;
  /** What it is trained for and measured by. */
  task: TaskName;
  input: InputSpec;
  /** In the reference's order; counts of batches are left out. */
  parameters: readonly Parameter[];
  /**
   * What it puts out for images `[batch, height, width, 3]` in 0..255, int32 or float32: `{ logits }`, of every pixel
   * `[batch, height, width, classes]` for segmentation, of the picture `[batch, classes]` for classification. Preprocessing is inside.
   * The caller disposes what it gets.
   *
   * Of detectors as `answerOf` in src/tasks/detection has it.
   *
   * @param statistics by group, what a normalization goes by. Default: `running` everywhere
   * @param given what else a network with {@link prepare} takes: samples of {@link openSampler}, to put out what is said of them, or what `prepare`
   *   says of the images
   * @throws E_SHAPE for images of another rank, of other channels than 3, or whose sides are no multiples of `input.stride`
   */
  forward(
    images: tf.Tensor4D,
    statistics?: (group: string) => Statistics,
    given?: tf.NamedTensorMap,
  ): tf.NamedTensorMap;
  /** Of a network out of a file: every output of the file under its name there, in its shape; the caller disposes the tensors. */
  raw?(images: tf.Tensor4D): Record<string, RawOutput>;
  /**
   * Of a network that brings images to a size of its own: those, for {@link forward}, and what it has to know of them. As it runs outside of a
   * compiled graph, images of many sizes share the graphs of few. The caller disposes both.
   *
   * @param images `[batch, height, width, 3]` in 0..255
   * @param size of the images that places are answered for. Default: theirs
   */
  prepare?(images: tf.Tensor4D, size?: Size): { images: tf.Tensor4D; given: tf.NamedTensorMap };
  /**
   * Of a network that learns from samples of each batch: what draws them. {@link forward} with samples puts out what is said of those, which the
   * task's losses compare with the samples.
   */
  openSampler?(precision: Precision): Sampler;
  /** What each stem puts out for images as {@link forward} takes them, `[places, channels]`, which the caller disposes. Statistics are the running ones. */
  stems: { layers: readonly Stem[]; run(images: tf.Tensor4D): tf.Tensor2D[] };
  /** Whether normalizations keep the statistics that they have in training too, as batches of one or two pictures say too little. */
  keepsStatistics?: boolean;
  /** What its normalizations add to variances. Default: PyTorch's 1e-5. */
  epsilon?: number;
  /** The name here of a tensor that files of earlier versions of the reference call otherwise; any other name as it is. */
  renamed?(name: string): string;
  /** From the shapes of its layers alone. */
  activations(): Activations;
  /** The outputs of {@link forward} with names and shapes of their own, as servers describe them; absent where the task says them. */
  outputs?: readonly PackedArray[];
  /** How boxes are read from its outputs, of a detector that is known. */
  head?: NetworkHead;
  /**
   * The boxes in what a detector puts out for one picture, in pixels of the picture.
   *
   * @param least score of a box. Default: that of `head`
   */
  detect?(outputs: Collated, picture: Size, least?: number): ScoredBoxes;
  /** Frees all weights. */
  dispose(): void;
}
