import { boxAreas, boxOverlap, type Boxes } from './boxes.js';

/** What non-maximum suppression may be told. */
export interface NmsOptions {
  /** A box goes where it overlaps a better one of its class by more than this, 0..1. */
  threshold: number;
  /** Class of each box; boxes of different classes leave each other alone. Default: all are of one class. */
  classes?: ArrayLike<number>;
  /** How many boxes stay at most. Default: all that are not suppressed. */
  most?: number;
}

/** Indices of `scores` from the best to the worst; of equal ones the lower index first. */
export function byScore(scores: ArrayLike<number>): Uint32Array {
  return Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/**
 * Greedy non-maximum suppression within each class.
 *
 * @param scores `[n]`, of each of the boxes
 * @returns indices of the boxes that stay, the best first; of equally good ones the lower index first
 * @source torchvision's `nms` and `batched_nms`: overlaps in single precision, suppressed where strictly above the threshold
 */
export function nms(
  boxes: Boxes,
  scores: ArrayLike<number>,
  { threshold, classes, most = Infinity }: NmsOptions,
): number[] {
  const areas = boxAreas(boxes);
  const order = byScore(scores);
  const isGone = new Uint8Array(areas.length);
  const kept: number[] = [];
  for (let first = 0; first < order.length && kept.length < most; first++) {
    const best = order[first]!;
    if (isGone[best]) continue;
    kept.push(best);
    for (let next = first + 1; next < order.length; next++) {
      const other = order[next]!;
      if (isGone[other] || (classes && classes[other] !== classes[best])) continue;
      if (boxOverlap(boxes, best, areas[best]!, boxes, other, areas[other]!) > threshold) isGone[other] = 1;
    }
  }
  return kept;
}
