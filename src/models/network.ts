import type * as tf from '@tensorflow/tfjs';
import type { Layout } from './layout.js';

import type { TaskName } from '../tasks/names.js';

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

/** A layer that normalizes, and by which statistics it does so while training. */
export interface NormalizationLayer extends tf.layers.Layer {
  /** The reference's name of the layer: `base.0.1`. */
  readonly prefix: string;
  /**
   * What training normalizes by. `batch` also moves the running statistics, `sum` adds the batch's to them instead; `running` leaves them and
   * sees the same function as inference does.
   */
  statistics: 'batch' | 'sum' | 'running';
}

/** A network with its weights, as a LayersModel and as a list of its parameters. */
export interface Network {
  spec: NetworkConfig;
  /**
   * `[batch, height, width, 3]` normalized pixels, height and width multiples of `stride`, to logits: of every pixel
   * `[batch, height, width, classes]` for segmentation, of the picture `[batch, classes]` for classification.
   */
  model: tf.LayersModel;
  /** In the reference's order; counts of batches are left out. */
  parameters: readonly Parameter[];
  normalizations: NormalizationLayer[];
  /** What height and width of an input must be a multiple of. */
  stride: number;
  /** What it is trained for and measured by. */
  task: TaskName;
  /** Frees all weights. */
  dispose(): void;
}
