import { cocoBoxIou } from './boxes.js';
import { eachRun, rleArea, rleBox, type Rle } from './rle.js';

/** Pixels that lie inside of both, of two masks of one size. */
export function sharedPixels(a: Rle, b: Rle): number {
  let shared = 0;
  eachRun(a, b, (length, inA, inB) => {
    if (inA && inB) shared += length;
  });
  return shared;
}

/**
 * Overlap of each detection with each mask of the ground truth. With a crowd it is the part of the detection that lies in the crowd.
 *
 * @param crowd a flag for each mask of `truth`
 * @returns `[detections, truth]`, 0..1; -1 where the two are of pictures of different sizes
 * @source pycocotools' `rleIou`
 */
export function rleIou(
  detections: readonly Rle[],
  truth: readonly Rle[],
  crowd: ArrayLike<boolean | number>,
): Float64Array {
  const boxesOf = (masks: readonly Rle[]): Float64Array => Float64Array.from(masks.flatMap(rleBox));
  const overlaps = cocoBoxIou(boxesOf(detections), boxesOf(truth), crowd);
  const areasOf = (masks: readonly Rle[]): number[] => masks.map(rleArea);
  const [own, others] = [areasOf(detections), areasOf(truth)];
  for (let d = 0, at = 0; d < detections.length; d++) {
    for (let g = 0; g < truth.length; g++, at++) {
      // Masks whose boxes do not meet share nothing.
      if (overlaps[at] === 0) continue;
      const [a, b] = [detections[d]!, truth[g]!];
      if (a.width !== b.width || a.height !== b.height) overlaps[at] = -1;
      else {
        const shared = sharedPixels(a, b);
        overlaps[at] = shared === 0 ? 0 : shared / (crowd[g] ? own[d]! : own[d]! + others[g]! - shared);
      }
    }
  }
  return overlaps;
}
