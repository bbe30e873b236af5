/**
 * `gearnn/tasks`. What networks are trained for and measured by.
 *
 * @packageDocumentation
 */
export { taskNamed, taskOf } from './registry.js';
export type { TaskName } from './names.js';
export type { DistanceOptions, Metric, PackedArray, Targets, Task } from './task.js';
export type { Collated, Values } from './arrays.js';
export { classificationTask } from './classification/task.js';
export { detectionTask } from './detection/task.js';
export { cocoResults, imageIdOf, type CocoResult } from './detection/results.js';
export { cocoScores, detectionMetric, type DetectionCounts } from './detection/metric.js';
export type { ApScores } from './detection/average-precision.js';
export type { OverlapKind } from './detection/coco-match.js';
export { featuresTask } from './features/task.js';
export { foregroundTask } from './foreground/task.js';
export { instancesTask } from './instances/task.js';
export { segmentationTask } from './segmentation/task.js';
export { ConfusionMatrix } from './segmentation/confusion.js';
export { intersectionOverUnion, meanIou, pixelAccuracy, scoresOf, type Scores } from './segmentation/iou.js';
