/**
 * `gearnn/adaptor`. Adaptor files, and the bank of those in memory.
 *
 * @packageDocumentation
 */
export { AdaptorBank } from './bank.js';
export { loadAdaptor, saveAdaptor, type Adaptor } from './file.js';
export { withAdaptor, scaledAdaptor } from './merge.js';
export { readCalibration, type Calibration, type CalibrationRow } from './calibration.js';
export { Serving, type CalibrationUse, type Served } from './serving.js';
export { listAdaptors, type AdaptorFolder, type BrokenAdaptor } from './list.js';
