import type { Parameter } from '../models/network.js';

/** What the knapsack takes or leaves: tensors that are fine-tuned, stored and swapped together. */
export interface Item {
  /** `base.0.0.weight`, `base.0.1.running` (the two statistics of a batch normalization) or, by layer, `base.0.1`. */
  name: string;
  /** Names of its state tensors, in the network's order. */
  tensors: string[];
  /** Parameters that it holds. */
  size: number;
}

/** What an item is to the network: running statistics alone, other parts of a normalization or all of it, or weights of other layers. */
export type ItemKind = 'statistics' | 'normalization' | 'weights';

/** An item beside the network that it is of; files hold items without their kind. */
export interface NetworkItem extends Item {
  kind: ItemKind;
}

/** `tensor`: each trainable tensor is an item, and each pair of running statistics. `layer`: all tensors of a layer are one. */
export const GRANULARITIES = ['tensor', 'layer'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** What item making needs to know of a network's parameter. */
export type ItemTensor = Pick<Parameter, 'name' | 'role' | 'group' | 'size'>;
