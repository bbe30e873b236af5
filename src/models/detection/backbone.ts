import type tf from '../../common/tf.cjs';
import type { LayerList } from '../layer-list.js';
import { EPSILON } from '../layers.js';
import { IMAGENET, type Preprocessing } from '../preprocessing.js';
import { residualStages, RESNET_VARIANTS } from '../residual-stages.js';
import { EFFICIENTNET_EPSILON, EFFICIENTNET_INPUT, efficientnetLite0 } from './efficientnet-lite.js';

/** What looks at the picture first. */
export interface Backbone {
  /**
   * @param input normalized pixels `[batch, height, width, 3]`, sides multiples of 32
   * @param prefix in front of all names
   * @returns features at 1/4, 1/8, 1/16 and 1/32 of the picture's sides
   */
  build(input: tf.SymbolicTensor, list: LayerList, options: { width: number; prefix: string }): tf.SymbolicTensor[];
  /** What its published weights were trained with. */
  preprocessing: Preprocessing;
  /** What its normalizations add to variances. */
  epsilon: number;
}

const resnet = (name: string): Backbone => ({
  build: (input, list, options) => residualStages(input, list, { variant: RESNET_VARIANTS[name]!, ...options }),
  preprocessing: IMAGENET,
  epsilon: EPSILON,
});

/** Every backbone, by its part of a network's name: one line each. */
export const BACKBONES = {
  resnet50: resnet('resnet-50'),
  resnet18: resnet('resnet-18'),
  'efficientnet-lite0': { build: efficientnetLite0, preprocessing: EFFICIENTNET_INPUT, epsilon: EFFICIENTNET_EPSILON },
} satisfies Record<string, Backbone>;
