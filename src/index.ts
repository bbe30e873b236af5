/**
 * What most programs need; the rest has an entry per folder: `gearnn/engine`, `gearnn/serve`, ... Importing any of them starts no engine and
 * loads no native library: that is what {@link startEngine} does.
 *
 * @packageDocumentation
 */
export { GearnnError, ERROR_CODES, type ErrorCode } from './common/errors.js';
export type { Progress, ProgressEvent } from './common/progress.js';

export { compile, startEngine, type Engine, type EngineOptions } from './engine/index.js';
export { decodeImage } from './image/index.js';
export { openVideo, VideoWriter } from './video/index.js';
export { BatchLoader, openDataset, openSource, parseSlice, type Dataset } from './data/index.js';
export { distort, parseLevel, prepare, StreamDetector, verify, type Level } from './distort/index.js';
export { loadCheckpoint, networkOf, type Checkpoint, type Network } from './models/index.js';
export { knapsack, readSplit, splitCheckpoints, writeSplit, type Split } from './select/index.js';
export { evaluateLevels } from './eval/index.js';
export { measureResponse, summarizeResponse } from './frequency/index.js';
export { finetune, parseSchedule, trainBase } from './train/index.js';
export { AdaptiveRunner, exportOnnx, exportSavedModel, inferVideo, LevelTracker } from './serve/index.js';
