import { takeInstances, type Instances } from '../../detect/instances.js';
import { decodeMask, encodeMask, rleArea, rleBox, type Rle } from '../../detect/rle.js';
import { resizeLabels, type Window } from '../../image/resize.js';
import { insideOf, mirrorRows, type Placement } from '../placement.js';

/** Sides of a box below which nothing is left of an object. */
const SMALLEST = 1;

/**
 * The objects of a crop. Boxes move with it and end at its edges; of an object that an edge cuts through the box is that of the mask's part, where
 * there is a mask. Objects of which less than a pixel is left are gone.
 */
export function placeInstances(given: Instances, placement: Placement): Instances {
  const { scaled, x, y, flip, crop } = placement;
  const [height, width] = crop;
  const [across, down] = [scaled.width / given.width, scaled.height / given.height];
  const isWhole =
    across === 1 && down === 1 && x === 0 && y === 0 && width === scaled.width && height === scaled.height;
  const inside = insideOf(placement);
  const moved = takeInstances(given, [...given.ids.keys()]);
  const kept: number[] = [];
  given.ids.forEach((_, i) => {
    const [left, top, wide, tall] = given.boxes.subarray(4 * i, 4 * i + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const [x1, y1, x2, y2] = [left * across - x, top * down - y, (left + wide) * across - x, (top + tall) * down - y];
    const mask = given.masks && (isWhole ? given.masks[i]! : placeMask(given.masks[i]!, placement, inside));
    const isCut = x1 < 0 || y1 < 0 || x2 > width || y2 > height;
    const box =
      mask && isCut && !isWhole
        ? rleBox(mask)
        : isWhole
          ? ([left, top, wide, tall] as const)
          : ([
              Math.max(x1, 0),
              Math.max(y1, 0),
              Math.min(x2, width) - Math.max(x1, 0),
              Math.min(y2, height) - Math.max(y1, 0),
            ] as const);
    moved.boxes.set(flip ? [width - box[0] - box[2], ...box.slice(1)] : box, 4 * i);
    if (moved.masks) moved.masks[i] = flip ? mirrored(mask!) : mask!;
    if (!isWhole) moved.areas[i] = mask ? rleArea(mask) : box[2] * box[3];
    if (isWhole || (box[2] >= SMALLEST && box[3] >= SMALLEST && (!mask || moved.areas[i]! > 0))) kept.push(i);
  });
  return { ...takeInstances(moved, kept), width, height };
}

/** A mask scaled and cut by nearest neighbour, as label maps are. */
function placeMask(mask: Rle, { x, y, scaled, crop: [height, width] }: Placement, inside: Window): Rle {
  const cut = new Uint8Array(height * width);
  if (inside.width > 0 && inside.height > 0) {
    const part = resizeLabels({ data: decodeMask(mask), width: mask.width, height: mask.height }, scaled, inside);
    for (let row = 0; row < inside.height; row++) {
      const values = part.data.subarray(row * inside.width, (row + 1) * inside.width);
      cut.set(values, (inside.y - y + row) * width + inside.x - x);
    }
  }
  return encodeMask(cut, { width, height });
}

function mirrored(mask: Rle): Rle {
  const data = decodeMask(mask);
  mirrorRows(data, 0, mask.height, mask.width, 1);
  return encodeMask(data, mask);
}
