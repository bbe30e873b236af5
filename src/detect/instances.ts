import type { Size } from '../image/resize.js';
import type { CocoBoxes } from './boxes.js';
import type { Rle } from './rle.js';

/** The objects that somebody marked in a picture, `n` of them; the size is the picture's. */
export interface Instances extends Size {
  /** `[n, 4]`: x, y, width, height. */
  boxes: CocoBoxes;
  /** Indices of the dataset's classes. */
  classes: Int32Array;
  /** 1 where a group is marked as a whole: it teaches nothing, and what is found in it counts nowhere. */
  crowd: Uint8Array;
  /** Pixels that each covers, by which small ones are told from large ones. */
  areas: Float64Array;
  /** As the dataset numbers them. */
  ids: Float64Array;
  /** Of the picture's size; absent where only boxes are marked. */
  masks?: Rle[];
  /** Nobody looked at the picture: that there is no object says nothing. */
  isUnknown?: true;
}

/** What a network found in a picture, `n` objects; the size is the picture's. */
export interface Detections extends Size {
  /** `[n, 4]`: x, y, width, height. */
  boxes: CocoBoxes;
  /** How sure the network is, 0..1. */
  scores: Float64Array;
  /** Indices of the network's classes. */
  classes: Int32Array;
  /** Pixels by which small ones are told from large ones. Default: width times height of the box. */
  areas?: Float64Array;
  /** Of the picture's size; absent where the network finds boxes alone. */
  masks?: Rle[];
}

/** The numbers of `[n, width]` that belong to some of the rows. */
function takeRows<Numbers extends Float64Array | Int32Array | Uint8Array>(
  values: Numbers,
  width: number,
  rows: readonly number[],
): Numbers {
  const Type = values.constructor as new (length: number) => Numbers;
  const taken = new Type(rows.length * width);
  rows.forEach((row, i) => taken.set(values.subarray(row * width, (row + 1) * width), i * width));
  return taken;
}

/** Some of the objects, in the order of `rows`. */
export function takeInstances(given: Instances, rows: readonly number[]): Instances {
  const { width, height, boxes, classes, crowd, areas, ids, masks, isUnknown } = given;
  return {
    width,
    height,
    boxes: takeRows(boxes, 4, rows),
    classes: takeRows(classes, 1, rows),
    crowd: takeRows(crowd, 1, rows),
    areas: takeRows(areas, 1, rows),
    ids: takeRows(ids, 1, rows),
    ...(masks && { masks: rows.map((row) => masks[row]!) }),
    ...(isUnknown && { isUnknown }),
  };
}

/** Some of what was found, in the order of `rows`. */
export function takeDetections(given: Detections, rows: readonly number[]): Detections {
  const { width, height, boxes, scores, classes, areas, masks } = given;
  return {
    width,
    height,
    boxes: takeRows(boxes, 4, rows),
    scores: takeRows(scores, 1, rows),
    classes: takeRows(classes, 1, rows),
    ...(areas && { areas: takeRows(areas, 1, rows) }),
    ...(masks && { masks: rows.map((row) => masks[row]!) }),
  };
}
