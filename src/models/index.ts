/**
 * `gearnn/models`. Networks, their state under the reference names, and checkpoints.
 *
 * @packageDocumentation
 */
export type { Network, NetworkConfig, Parameter } from './network.js';
export { createNetwork, networkNames } from './registry.js';
export { loadCheckpoint, networkOf, saveCheckpoint, type Checkpoint } from './checkpoint.js';
export { importCheckpoint, type ImportOptions } from './import.js';
export { loadStateDict, stateDict, type StateDict } from './state-dict.js';
export { IMAGENET, normalize, type Preprocessing } from './preprocessing.js';
