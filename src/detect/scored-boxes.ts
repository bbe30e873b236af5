import { clipBoxes, largeBoxes, takeBoxes, type Boxes } from './boxes.js';
import type { Size } from '../image/resize.js';

/** What was found in one picture, the surest first. */
export interface ScoredBoxes {
  boxes: Boxes;
  /** 0..1 each, `[n]` */
  scores: Float32Array;
  /** Class ids, `[n]` */
  classes: Uint16Array;
  /** Of boxes that may be turned: x, y of the four corners, clockwise on the screen, `[n * 8]`; `boxes` are what is around them. */
  corners?: Float32Array;
}

/** How coordinates of one picture become another's: `x * scale + offset` along each axis. */
export interface Mapping {
  scale: Readonly<Record<'x' | 'y', number>>;
  offset: Readonly<Record<'x' | 'y', number>>;
}

/** Some of the detections, in the order of `indices`. */
export function takeScoredBoxes(
  { boxes, scores, classes, corners }: ScoredBoxes,
  indices: readonly number[],
): ScoredBoxes {
  return {
    boxes: takeBoxes(boxes, indices),
    scores: Float32Array.from(indices, (i) => scores[i]!),
    classes: Uint16Array.from(indices, (i) => classes[i]!),
    ...(corners && {
      corners: Float32Array.from({ length: 8 * indices.length }, (_, k) => corners[8 * indices[k >> 3]! + (k & 7)]!),
    }),
  };
}

/** Pixels from which on a box is one. */
const THIN = 0.01;

/** ScoredBoxes in pixels of another picture, of which they keep inside; those that lie outside altogether go. */
export function mapScoredBoxes(
  { boxes, corners, ...rest }: ScoredBoxes,
  { scale, offset }: Mapping,
  picture: Size,
): ScoredBoxes {
  const moved = (places: Float32Array): Float32Array =>
    clipBoxes(
      places.map((value, i) => (i % 2 === 0 ? value * scale.x + offset.x : value * scale.y + offset.y)),
      picture,
    );
  const clipped = moved(boxes);
  const all = { ...rest, boxes: clipped, ...(corners && { corners: moved(corners) }) };
  return takeScoredBoxes(all, largeBoxes(clipped, THIN));
}
