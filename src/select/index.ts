/**
 * `gearnn/select`. What an adaptor holds: items, sensitivity (Eq. 1), knapsack (Eq. 2), splits.
 *
 * @packageDocumentation
 */
export type { Granularity, Item } from './item.js';
export { itemsOf, totalParameters } from './items.js';
export { sensitivity, type Sensitivity, type TensorValues } from './sensitivity.js';
export { knapsack } from './knapsack.js';
export type { KnapsackItem } from './knapsack-item.js';
export { createSplit, readSplit, writeSplit, type Split, type SplitOptions } from './split.js';
export { splitCheckpoints, type CheckpointSplit, type SplitCheckpointsOptions } from './split-checkpoints.js';
