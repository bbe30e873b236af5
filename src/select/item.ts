/** What the knapsack takes or leaves: tensors that are fine-tuned, stored and swapped together. */
export interface Item {
  /** `base.0.0.weight`, `base.0.1.running` (the two statistics of a batch normalization) or, by layer, `base.0.1`. */
  name: string;
  /** Names of its state tensors, in the network's order. */
  tensors: string[];
  /** Parameters that it holds. */
  size: number;
}

/** `tensor`: each trainable tensor is an item, and each pair of running statistics. `layer`: all tensors of a layer are one. */
export const GRANULARITIES = ['tensor', 'layer'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** What item making needs to know of one tensor of a network's state; a network's `StateTensor` is one. */
export interface ItemTensor {
  /** Reference name: `base.0.1.running_mean`. */
  name: string;
  /** `fixed` tensors (the bilinear upsampler) are never fine-tuned. */
  kind: 'weight' | 'bias' | 'running_mean' | 'running_var' | 'fixed';
  parameters: number;
}
