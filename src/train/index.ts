/**
 * `gearnn/train`. Training, fine-tuning, their schedules and logs.
 *
 * @packageDocumentation
 */
export { fit, type FitOptions, type FitResult, type FitSettings } from './fit.js';
export { trainBase, type CheckpointOutcome, type TrainBaseOptions } from './train-base.js';
export { finetune, type FinetuneOptions, type FinetuneOutcome } from './finetune.js';
export { refreshStatistics, type RefreshOptions } from './refresh-statistics.js';
export type { RunOptions, TrainingSettings } from './run-options.js';
export type { RunOutcome, TrainingRecord } from './run.js';
export { parseSchedule, type Schedule } from './schedule.js';
export { jsonlLog } from './log/jsonl.js';
export { tensorboardLog } from './log/tensorboard.js';
export { combineLogs, type RunLog } from './log/run-log.js';
