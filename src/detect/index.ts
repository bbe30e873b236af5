/**
 * `gearnn/detect`. Boxes and masks of things in pictures, in plain numbers: no tensors, no engine.
 *
 * @packageDocumentation
 */
export { boxAreas, boxIou, clipBoxes, cocoBoxIou, fromCocoBoxes, largeBoxes, takeBoxes, toCocoBoxes } from './boxes.js';
export type { Boxes, CocoBoxes } from './boxes.js';
export { nms, type NmsOptions } from './nms.js';
