/**
 * gearnn's public API. Importing it starts no engine and loads no native library: that is what {@link startEngine} does.
 *
 * @packageDocumentation
 */
export { GearnnError, ERROR_CODES, type ErrorCode } from './common/errors.js';
export type { Progress, ProgressEvent } from './common/progress.js';

export { memoryUse } from './engine/memory.js';
export { startEngine, type Engine, type EngineName, type EngineOptions } from './engine/start.js';
export { compile, type CompileOptions, type Compiled, type Outputs } from './engine/compile.js';
export type { Precision } from './engine/precision.js';

export type { LabelMap, Pixels } from './image/pixels.js';
export { decodeImage } from './image/decode.js';
export { encodeJpeg, encodePng } from './image/encode.js';
export { decodeLabelMap, encodeLabelMap } from './image/labels.js';

export type { Damage } from './video/messages.js';
export type { Picture, VideoFrame, VideoInfo } from './video/picture.js';
export { openVideo, type ReadVideoOptions, type VideoReader } from './video/reader.js';
export type { H264Settings, Preset } from './video/settings.js';
export { VideoWriter, type WriteVideoOptions } from './video/writer.js';

export type { ClassInfo, Dataset, Sample } from './data/dataset.js';
export { openDataset } from './data/registry.js';
export { checkDataset, type CheckResult, type Problem } from './data/check.js';
export { openSource, type SampleSource } from './data/source.js';
export { parseSlice, type Slice } from './data/slice.js';
export type { Augmentation } from './data/augment.js';
export { BatchLoader, type Batch, type BatchOptions } from './data/batches.js';

export { parseLevel, type Level } from './distort/level.js';
export { distort, distortSequence } from './distort/distort.js';
export { distortDataset, distortedSource } from './distort/source.js';
export { prepare, type PreparedLevel, type PrepareOptions } from './distort/prepare.js';
export { verify, type DistortProblem, type VerifyOptions } from './distort/verify.js';
export { BrightnessReference, type BrightnessDetection } from './distort/detect/brightness.js';
export { detectJpeg, type FrameEvidence, type JpegDetection } from './distort/detect/jpeg.js';
export { StreamDetector, type Observations, type StreamDetectorOptions } from './distort/detect/stream.js';

export type { Network, NetworkConfig, Parameter } from './models/network.js';
export { createNetwork, networkNames } from './models/registry.js';
export { loadCheckpoint, networkOf, saveCheckpoint, type Checkpoint } from './models/checkpoint.js';
export { importCheckpoint, type ImportOptions } from './models/import.js';
export { loadStateDict, stateDict, type StateDict } from './models/state-dict.js';
export { IMAGENET, normalize, type Preprocessing } from './models/preprocessing.js';
export { segmentation, type Task } from './models/task.js';

export type { Granularity, Item } from './select/item.js';
export { itemsOf, totalParameters } from './select/items.js';
export { sensitivity, type Sensitivity, type TensorValues } from './select/sensitivity.js';
export { knapsack, type KnapsackItem } from './select/knapsack.js';
export { createSplit, readSplit, writeSplit, type Split, type SplitOptions } from './select/split.js';
export { splitCheckpoints, type CheckpointSplit, type SplitCheckpointsOptions } from './select/split-checkpoints.js';

export { AdaptorBank } from './adaptor/bank.js';
export { loadAdaptor, saveAdaptor, type Adaptor } from './adaptor/file.js';
export { listAdaptors, type AdaptorFolder, type BrokenAdaptor } from './adaptor/list.js';

export { ConfusionMatrix } from './eval/confusion.js';
export { intersectionOverUnion, meanIou, pixelAccuracy, scoresOf, type Scores } from './eval/iou.js';
export { evaluate, type EvaluateOptions, type Evaluation } from './eval/evaluate.js';
export { evaluateLevels, type EvaluateLevelsOptions, type LevelRow, type Method } from './eval/levels.js';
export { createPredictor, type Predictor, type PredictorOptions, type RunsDone } from './eval/predictor.js';
export { finishRuns, type Watch } from './eval/runs.js';
export type { TileChoice, TileMemory } from './eval/tile-memory.js';
export type { Tiling } from './eval/tiles.js';

export { frequencyResponse, type CoefficientMap, type FrequencyResponse } from './frequency/response.js';
export type { FrequencyResponseOptions } from './frequency/response.js';
export { measureResponse, type Measurement, type MeasureOptions } from './frequency/measure.js';
export { summarizeResponse, type Band, type ResponseSummary } from './frequency/bands.js';

export { fit, type FitOptions, type FitResult, type FitSettings } from './train/fit.js';
export { trainBase, type CheckpointOutcome, type TrainBaseOptions } from './train/train-base.js';
export { finetune, type FinetuneOptions, type FinetuneOutcome } from './train/finetune.js';
export { refreshStatistics, type RefreshOptions } from './train/refresh-statistics.js';
export type { RunOptions, TrainingSettings } from './train/run-options.js';
export type { RunOutcome, TrainingRecord } from './train/run.js';
export { parseSchedule, type Schedule } from './train/schedule.js';
export { jsonlLog } from './train/log/jsonl.js';
export { tensorboardLog } from './train/log/tensorboard.js';
export { combineLogs, type RunLog } from './train/log/run-log.js';

export { LevelTracker, type LevelChange, type LevelTrackerOptions, type TrackedLevel } from './serve/tracker.js';
export type { Frame, FrameRequest, Inference, InferOptions, LevelSource, ModelDescription } from './serve/inference.js';
export { AdaptiveRunner, type RunnerOptions } from './serve/runner.js';
export type { VideoSource } from './serve/sources.js';
export { inferVideo, type FrameAnswer, type InferVideoOptions, type VideoOutcome } from './serve/video.js';
export { exportSavedModel, type ExportedModel, type ExportOptions } from './serve/export.js';
