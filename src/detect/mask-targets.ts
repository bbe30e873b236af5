import type { Size } from '../image/resize.js';

const f32 = Math.fround;

/** Sides of the masks that a mask head learns. */
export const MASK_SIDE = 28;

/** Where a bilinear sample lies between two pixels of a row or column; undefined outside. */
function between(place: number, length: number): { low: number; high: number; share: number } | undefined {
  if (place < -1 || place > length) return undefined;
  const at = Math.max(place, 0);
  const low = Math.floor(at);
  if (low >= length - 1) return { low: length - 1, high: length - 1, share: 0 };
  return { low, high: low + 1, share: at - low };
}

/** Where the samples of the cells of a box lie along one axis: `cells` rows of as many samples as pixels need. */
function samplesAlong(from: number, to: number, cells: number, length: number): ReturnType<typeof between>[][] {
  const size = Math.max(f32(to - from), 1);
  const cell = f32(size / cells);
  const count = Math.ceil(cell);
  return Array.from({ length: cells }, (_, i) =>
    Array.from({ length: count }, (__, k) => between(from + i * cell + ((k + 0.5) * cell) / count, length)),
  );
}

/**
 * An object's mask as the mask head should see it in a box: the mean of bilinear samples per cell, as many as the cell has pixels.
 *
 * @param mask `[height, width]`, 0 or 1, of the image that the box lies in
 * @param box x1, y1, x2, y2 in its pixels
 * @returns `[side, side]`, 0..1; 0 where the box lies outside
 * @source torchvision's `roi_align` with `sampling_ratio=-1` and `aligned=False`, as `project_masks_on_boxes` calls it
 */
export function maskTarget(
  mask: ArrayLike<number>,
  { width, height }: Size,
  box: ArrayLike<number>,
  side = MASK_SIDE,
): Float32Array {
  const rows = samplesAlong(box[1]!, box[3]!, side, height);
  const columns = samplesAlong(box[0]!, box[2]!, side, width);
  const target = new Float32Array(side * side);
  rows.forEach((down, y) => {
    columns.forEach((across, x) => {
      let sum = 0;
      for (const row of down) {
        if (!row) continue;
        for (const column of across) {
          if (!column) continue;
          const [top, bottom] = [row.low * width, row.high * width];
          const above = mask[top + column.low]! * (1 - column.share) + mask[top + column.high]! * column.share;
          const below = mask[bottom + column.low]! * (1 - column.share) + mask[bottom + column.high]! * column.share;
          sum += above * (1 - row.share) + below * row.share;
        }
      }
      target[y * side + x] = sum / (down.length * across.length);
    });
  });
  return target;
}
