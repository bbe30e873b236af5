/**
 * `gearnn/detect`. Boxes and masks of things in pictures, in plain numbers: no tensors, no engine.
 *
 * @packageDocumentation
 */
export * from './anchors.js';
export * from './box-coder.js';
export * from './boxes.js';
export * from './instances.js';
export * from './mask-targets.js';
export * from './matcher.js';
export * from './nms.js';
export * from './outline.js';
export * from './paste.js';
export * from './polygon.js';
export * from './rle-overlap.js';
export * from './rle-text.js';
export { decodeMask, encodeMask, mergeRles, rleArea, rleBox, type Rle } from './rle.js';
export * from './sampler.js';
export * from './transform.js';
