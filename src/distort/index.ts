/**
 * `gearnn/distort`. Levels, what they do to pixels and datasets, and how frames tell their level.
 *
 * @packageDocumentation
 */
export { parseLevel, type Level } from './level.js';
export { levelsIn, parseRange, type LevelRange } from './range.js';
export { distort, distortSequence } from './distort.js';
export { distortDataset, distortedSource } from './source.js';
export { prepare, type PreparedLevel, type PrepareOptions } from './prepare.js';
export { verify, type DistortProblem, type VerifyOptions } from './verify.js';
export { BrightnessReference, type BrightnessDetection } from './detect/brightness.js';
export { detectJpeg, type FrameEvidence, type JpegDetection } from './detect/jpeg.js';
export { StreamDetector, type Observations, type StreamDetectorOptions } from './detect/stream.js';
