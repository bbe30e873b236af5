import type { Size } from '../image/resize.js';
import type { Boxes } from './boxes.js';

/** One level of a pyramid of feature maps. */
export interface AnchorLevel {
  /** Of the feature map, in cells. */
  map: Size;
  /** Side of its square anchors, in pixels of the image. */
  side: number;
}

/** Heights over widths. */
const RATIOS = [0.5, 1, 2];

/** Anchors at each cell of a map. */
export const ANCHORS_PER_CELL = RATIOS.length;

/** To the nearest whole number, halves to the even one, as torch and NumPy round. */
function roundEven(value: number): number {
  const down = Math.floor(value);
  return value - down === 0.5 ? down + (down % 2 === 0 ? 0 : 1) : Math.round(value);
}

/** Anchors of one side around the origin, `[3, 4]`: of ratios 0.5, 1 and 2, their half sizes rounded. */
function cellAnchors(side: number): Float32Array {
  return Float32Array.from(
    RATIOS.flatMap((ratio) => {
      const root = Math.fround(Math.sqrt(ratio));
      const width = Math.fround(Math.fround(1 / root) * side);
      const height = Math.fround(root * side);
      return [-width / 2, -height / 2, width / 2, height / 2].map(roundEven);
    }),
  );
}

/**
 * All anchors of an image: level by level, row by row, cell by cell, by ratio. An anchor stands at its cell's left upper corner; cells are as far
 * apart as a whole number of the image's pixels allows.
 *
 * @param image its size as the network sees it, padded
 * @returns `[anchors, 4]`, not clipped
 * @source torchvision's `AnchorGenerator`, equal to the bit
 */
export function anchorsOf(image: Size, levels: readonly AnchorLevel[]): Boxes {
  const count = levels.reduce((sum, { map }) => sum + map.width * map.height * ANCHORS_PER_CELL, 0);
  const anchors = new Float32Array(4 * count);
  let at = 0;
  for (const { map, side } of levels) {
    const own = cellAnchors(side);
    const across = Math.floor(image.width / map.width);
    const down = Math.floor(image.height / map.height);
    for (let y = 0; y < map.height; y++) {
      for (let x = 0; x < map.width; x++) {
        for (let i = 0; i < own.length; i++) anchors[at++] = own[i]! + (i % 2 === 0 ? x * across : y * down);
      }
    }
  }
  return anchors;
}
