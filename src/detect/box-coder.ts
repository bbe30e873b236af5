import type { Boxes } from './boxes.js';

/** What the four numbers of a code are multiplied by: of x, y, width, height. */
export type CoderWeights = readonly [x: number, y: number, width: number, height: number];

/** Of a region proposal network. */
export const PROPOSAL_WEIGHTS: CoderWeights = [1, 1, 1, 1];

/** Of the heads behind it. */
export const HEAD_WEIGHTS: CoderWeights = [10, 10, 5, 5];

/** The most that a decoded box grows by, as a logarithm: by 62.5 times. */
export const LARGEST_GROWTH = Math.log(1000 / 16);

/**
 * Boxes as codes: how far centres are apart in widths and heights of the proposals, and logarithms of how much larger the boxes are.
 *
 * @param boxes `[n, 4]`, each for the proposal of the same index
 * @returns `[n, 4]`; not finite where one of the two has no width or height
 * @source torchvision's `BoxCoder`
 */
export function encodeBoxes(boxes: Boxes, proposals: Boxes, weights: CoderWeights): Float32Array {
  const codes = new Float32Array(boxes.length);
  for (let at = 0; at < boxes.length; at += 4) {
    for (let axis = 0; axis < 2; axis++) {
      const [from, to] = [at + axis, at + axis + 2];
      const size = proposals[to]! - proposals[from]!;
      const own = boxes[to]! - boxes[from]!;
      const apart = boxes[from]! + 0.5 * own - (proposals[from]! + 0.5 * size);
      codes[from] = (weights[axis]! * apart) / size;
      codes[to] = weights[axis + 2]! * Math.log(own / size);
    }
  }
  return codes;
}

/**
 * The boxes that codes stand for. Growth is limited to {@link LARGEST_GROWTH}.
 *
 * @param codes `[n, 4]`, each for the proposal of the same index
 * @returns `[n, 4]`
 * @source torchvision's `BoxCoder`
 */
export function decodeBoxes(codes: Float32Array, proposals: Boxes, weights: CoderWeights): Boxes {
  const boxes = new Float32Array(codes.length);
  for (let at = 0; at < codes.length; at += 4) {
    for (let axis = 0; axis < 2; axis++) {
      const [from, to] = [at + axis, at + axis + 2];
      const size = proposals[to]! - proposals[from]!;
      const centre = (codes[from]! / weights[axis]!) * size + proposals[from]! + 0.5 * size;
      const half = 0.5 * Math.exp(Math.min(codes[to]! / weights[axis + 2]!, LARGEST_GROWTH)) * size;
      boxes[from] = centre - half;
      boxes[to] = centre + half;
    }
  }
  return boxes;
}
