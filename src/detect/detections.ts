import { clipBoxes, takeBoxes, type Boxes } from './boxes.js';
import type { Size } from '../image/resize.js';

/** What was found in one picture, the surest first. */
export interface Detections {
  boxes: Boxes;
  /** 0..1 each, `[n]` */
  scores: Float32Array;
  /** Class ids, `[n]` */
  classes: Uint16Array;
}

/** How coordinates of one picture become another's: `x * scale + offset` along each axis. */
export interface Mapping {
  scale: Readonly<Record<'x' | 'y', number>>;
  offset: Readonly<Record<'x' | 'y', number>>;
}

/** Some of the detections, in the order of `indices`. */
export function takeDetections({ boxes, scores, classes }: Detections, indices: readonly number[]): Detections {
  return {
    boxes: takeBoxes(boxes, indices),
    scores: Float32Array.from(indices, (i) => scores[i]!),
    classes: Uint16Array.from(indices, (i) => classes[i]!),
  };
}

/** Detections in pixels of another picture, of which they keep inside. */
export function mapDetections({ boxes, ...rest }: Detections, { scale, offset }: Mapping, picture: Size): Detections {
  const moved = boxes.map((value, i) => (i % 2 === 0 ? value * scale.x + offset.x : value * scale.y + offset.y));
  return { ...rest, boxes: clipBoxes(moved, picture) };
}
