/**
 * `gearnn/serve`. Networks that answer frames with the adaptor of their level.
 *
 * @packageDocumentation
 */
export { LevelTracker, type LevelChange, type LevelTrackerOptions, type TrackedLevel } from './tracker.js';
export type { Frame, FrameRequest, Inference, InferOptions, LevelSource, ModelDescription } from './inference.js';
export { AdaptiveRunner, type RunnerOptions } from './runner.js';
export type { VideoSource } from './source.js';
export { inferVideo, type FrameAnswer, type InferVideoOptions, type VideoOutcome } from './video.js';
export { exportSavedModel, type ExportedModel, type ExportOptions } from './export.js';
export { exportOnnx, type ExportedOnnx, type ExportOnnxOptions } from './export-onnx.js';
