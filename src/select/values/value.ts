/** What fine-tuning did to one item, summed over its parameters. */
export interface ItemChange {
  /** Sum of the absolute changes. */
  change: number;
  /** Sum of the base's absolute values. */
  weight: number;
  /** Sum of the loss's gradient times the change; 0 where no gradients are given. */
  effect: number;
  /** Number of parameters, 1 or more. */
  count: number;
}

/** What an item is worth to the choice: one file of this folder each. */
export interface ItemValue {
  /** In a line, for help and tables. */
  description: string;
  /** Needs the loss's gradients at the level, at the base's weights. */
  needsGradients?: true;
  /** Finite and not negative. */
  of(change: ItemChange): number;
}
