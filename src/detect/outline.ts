import { decodeMask, type Rle } from './rle.js';

/** Sides of a pixel by direction: right, down, left, up; an outline has its inside at its right hand. */
const STEPS = [[1, 0], [0, 1], [-1, 0], [0, -1]] as const; // prettier-ignore

/**
 * The outlines of a mask, along the edges of its pixels: one for each part that hangs together by sides. Holes are filled, as polygons of COCO's
 * format have none.
 *
 * @returns x, y, x, y, ... of each outline's corners, clockwise on the screen; `rleFromPolygons` makes the same mask of them, but for holes
 */
export function polygonsFromRle(rle: Rle): number[][] {
  const { width, height } = rle;
  const mask = decodeMask(rle);
  const isInside = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] === 1;
  const walked = new Set<number>();
  const outlines: number[][] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isInside(x, y) || isInside(x, y - 1) || walked.has(y * (width + 1) + x)) continue;
      const outline = walk(x, y, isInside, (left, top) => walked.add(top * (width + 1) + left));
      // A hole is walked around the other way.
      if (isClockwise(outline)) outlines.push(outline);
    }
  }
  return outlines;
}

/**
 * Goes along an edge that begins at the left end of a pixel's upper side.
 *
 * @param onTop called with every upper side that is gone along, by its pixel
 */
function walk(
  startX: number,
  startY: number,
  isInside: (x: number, y: number) => boolean,
  onTop: (x: number, y: number) => void,
): number[] {
  const corners: number[] = [];
  let [x, y, direction] = [startX, startY, 0];
  do {
    if (direction === 0) onTop(x, y);
    const [right, down] = STEPS[direction]!;
    x += right;
    y += down;
    // Right where the pixel ahead at the right is outside, so that parts that touch at a corner stay apart; left where the one ahead is inside too.
    const [atRight, atLeft] = ahead(x, y, direction).map(([column, row]) => isInside(column, row));
    const turn = !atRight ? 1 : atLeft ? 3 : 0;
    if (turn !== 0) corners.push(x, y);
    direction = (direction + turn) % 4;
  } while (x !== startX || y !== startY || direction !== 0);
  return corners;
}

/** The pixels at the right and at the left of an edge that goes on from a corner. */
function ahead(x: number, y: number, direction: number): [[number, number], [number, number]] {
  const around: [number, number][] = [[x, y], [x - 1, y], [x - 1, y - 1], [x, y - 1]]; // prettier-ignore
  return [around[direction]!, around[(direction + 3) % 4]!];
}

function isClockwise(corners: readonly number[]): boolean {
  let twice = 0;
  for (let i = 0; i < corners.length; i += 2) {
    const j = (i + 2) % corners.length;
    twice += corners[i]! * corners[j + 1]! - corners[j]! * corners[i + 1]!;
  }
  return twice > 0;
}
