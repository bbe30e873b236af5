import type * as tf from '@tensorflow/tfjs';
import type { LayerVariable } from '@tensorflow/tfjs-layers/dist/variables.js';

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
 * What a state tensor is for: `weight` and `bias` are trained, running statistics are averaged, `fixed` never changes.
 */
export type StateKind = 'weight' | 'bias' | 'running_mean' | 'running_var' | 'fixed';

/** One tensor of a network's state, under the name that the reference implementation gives it. */
export interface StateTensor {
  /** `base.0.0.weight` */
  name: string;
  kind: StateKind;
  /** Shape as PyTorch stores it: `[out, in, height, width]` for a convolution, `[out, in]` for a dense layer, `[channels]` otherwise. */
  shape: number[];
  /** Number of values. */
  parameters: number;
  /** Where it lives in the LayersModel; convolutions as `[height, width, in, out]`, dense layers as `[in, out]`. */
  variable: LayerVariable;
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

/** A network with its weights, as a LayersModel and as a list of named state tensors. */
export interface Network {
  config: NetworkConfig;
  /**
   * `[batch, height, width, 3]` normalized pixels, height and width multiples of `stride`, to logits: of every pixel
   * `[batch, height, width, classes]` for segmentation, of the picture `[batch, classes]` for classification.
   */
  model: tf.LayersModel;
  /** In the reference's order; counts of batches are left out. */
  state: StateTensor[];
  normalizations: NormalizationLayer[];
  /** What height and width of an input must be a multiple of. */
  stride: number;
  /** What it is trained for and measured by. */
  task: TaskName;
  /** Frees all weights. */
  dispose(): void;
}
