/**
 * `gearnn/data`. Datasets behind one interface, and batches of them decoded ahead.
 *
 * @packageDocumentation
 */
export type { ClassInfo, Dataset, Sample } from './dataset.js';
export { openDataset } from './registry.js';
export { checkDataset, type CheckResult, type Problem } from './check.js';
export { openSource, type SampleSource } from './source.js';
export { parseSlice, type Slice } from './slice.js';
export type { Augmentation } from './augment.js';
export { BatchLoader, type Batch, type BatchOptions } from './batches.js';
