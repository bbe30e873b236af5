/**
 * `gearnn/adaptor`. Adaptor files, and the bank of those in memory.
 *
 * @packageDocumentation
 */
export { AdaptorBank } from './bank.js';
export { loadAdaptor, saveAdaptor, type Adaptor } from './file.js';
export { withAdaptor } from './merge.js';
export { listAdaptors, type AdaptorFolder, type BrokenAdaptor } from './list.js';
