import type { Size } from '../image/resize.js';

/** Boxes `[n, 4]` in a row: x1, y1, x2, y2 in pixels, x to the right and y down; a box ends at x2 and y2, so it is x2 − x1 wide. */
export type Boxes = Float32Array;

/** Boxes `[n, 4]` in a row as COCO writes them: x, y, width, height. */
export type CocoBoxes = Float64Array;

const f32 = Math.fround;

/** Pixels that each box covers, `[n]`, in single precision as torchvision's `box_area`; negative where one corner is turned. */
export function boxAreas(boxes: Boxes): Float32Array {
  const areas = new Float32Array(boxes.length / 4);
  for (let i = 0, at = 0; i < areas.length; i++, at += 4) {
    areas[i] = f32(boxes[at + 2]! - boxes[at]!) * f32(boxes[at + 3]! - boxes[at + 1]!);
  }
  return areas;
}

/**
 * What two boxes share as a part of what they cover together, 0..1, in single precision.
 *
 * @param i index of the box in `a`, and `j` of the one in `b`; `areaA` and `areaB` are theirs
 * @returns NaN where neither covers anything
 */
export function boxOverlap(a: Boxes, i: number, areaA: number, b: Boxes, j: number, areaB: number): number {
  const p = 4 * i;
  const q = 4 * j;
  const width = f32(Math.min(a[p + 2]!, b[q + 2]!) - Math.max(a[p]!, b[q]!));
  const height = f32(Math.min(a[p + 3]!, b[q + 3]!) - Math.max(a[p + 1]!, b[q + 1]!));
  const shared = width > 0 && height > 0 ? f32(width * height) : 0;
  return f32(shared / f32(f32(areaA + areaB) - shared));
}

/**
 * Intersection over union of each of `a` with each of `b`.
 *
 * @returns `[n, m]`, 0..1; NaN where neither of two boxes covers anything
 * @source torchvision's `box_iou`, equal to the bit
 */
export function boxIou(a: Boxes, b: Boxes): Float32Array {
  const areasA = boxAreas(a);
  const areasB = boxAreas(b);
  const overlaps = new Float32Array(areasA.length * areasB.length);
  for (let i = 0, at = 0; i < areasA.length; i++) {
    for (let j = 0; j < areasB.length; j++, at++) overlaps[at] = boxOverlap(a, i, areasA[i]!, b, j, areasB[j]!);
  }
  return overlaps;
}

/** Boxes moved into a picture, each corner by itself: one that lies outside ends without width or height. */
export function clipBoxes(boxes: Boxes, { width, height }: Size): Boxes {
  return boxes.map((value, i) => Math.min(Math.max(value, 0), i % 2 === 0 ? width : height));
}

/** Indices of the boxes that are at least `side` pixels wide and high. */
export function largeBoxes(boxes: Boxes, side: number): number[] {
  const kept: number[] = [];
  for (let at = 0; at < boxes.length; at += 4) {
    const isWide = f32(boxes[at + 2]! - boxes[at]!) >= f32(side);
    if (isWide && f32(boxes[at + 3]! - boxes[at + 1]!) >= f32(side)) kept.push(at / 4);
  }
  return kept;
}

/** Some of the boxes, in the order of `indices`. */
export function takeBoxes(boxes: Boxes, indices: ArrayLike<number>): Boxes {
  const taken = new Float32Array(4 * indices.length);
  for (let i = 0; i < indices.length; i++) taken.set(boxes.subarray(4 * indices[i]!, 4 * indices[i]! + 4), 4 * i);
  return taken;
}

/** Corners as x, y, width, height. */
export function toCocoBoxes(boxes: Boxes): CocoBoxes {
  return Float64Array.from(boxes, (value, i) => (i % 4 < 2 ? value : value - boxes[i - 2]!));
}

/** x, y, width, height as corners. */
export function fromCocoBoxes(boxes: CocoBoxes): Boxes {
  return Float32Array.from(boxes, (value, i) => (i % 4 < 2 ? value : value + boxes[i - 2]!));
}

/**
 * Overlap of each detection with each box of the ground truth, in double precision. With a crowd it is the part of the detection that
 * lies in the crowd.
 *
 * @param crowd a flag for each box of `truth`
 * @returns `[detections, truth]`, 0..1
 * @source pycocotools' `bbIou`
 */
export function cocoBoxIou(detections: CocoBoxes, truth: CocoBoxes, crowd: ArrayLike<boolean | number>): Float64Array {
  const [rows, columns] = [detections.length / 4, truth.length / 4];
  const overlaps = new Float64Array(rows * columns);
  for (let d = 0; d < rows; d++) {
    const [dx, dy, dw, dh] = detections.subarray(4 * d, 4 * d + 4) as unknown as [number, number, number, number];
    for (let g = 0; g < columns; g++) {
      const [gx, gy, gw, gh] = truth.subarray(4 * g, 4 * g + 4) as unknown as [number, number, number, number];
      const width = Math.min(dw + dx, gw + gx) - Math.max(dx, gx);
      const height = Math.min(dh + dy, gh + gy) - Math.max(dy, gy);
      if (!(width > 0 && height > 0)) continue;
      const shared = width * height;
      overlaps[d * columns + g] = shared / (crowd[g] ? dw * dh : dw * dh + gw * gh - shared);
    }
  }
  return overlaps;
}
