import type { Size } from '../image/resize.js';

const f32 = Math.fround;

/** A mask in a picture: what it covers, and how likely each pixel there belongs to the object. */
export interface PastedMask {
  /** Left upper corner in the picture. */
  x: number;
  y: number;
  /** 0 where the box lies outside the picture. */
  width: number;
  height: number;
  /** `[height, width]`, 0..1; outside it is 0. */
  values: Float32Array;
}

/** Pixels of zeros around a mask before it is enlarged. */
const PAD = 1;

/** Where the sides of a box lie once it has grown as the padded mask has; whole pixels, cut off towards zero. */
function grown(from: number, to: number, scale: number): [first: number, last: number] {
  const half = f32(f32(f32(to - from) * 0.5) * f32(scale));
  const centre = f32(f32(to + from) * 0.5);
  return [Math.trunc(f32(centre - half)), Math.trunc(f32(centre + half))];
}

/** Two neighbours of the padded mask and the second one's share, for each of `count` pixels. */
function stretch(count: number, side: number): { low: number; high: number; share: number }[] {
  const step = f32(side / count);
  return Array.from({ length: count }, (_, i) => {
    const at = Math.max(f32(f32(step * (i + 0.5)) - 0.5), 0);
    const low = Math.min(Math.floor(at), side - 1);
    return { low, high: Math.min(low + 1, side - 1), share: at - low };
  });
}

/**
 * Puts the mask of a box into the picture, enlarged bilinearly.
 *
 * @param mask `[side, side]`, 0..1, as a mask head gives it
 * @param box x1, y1, x2, y2 in the picture
 * @returns the part that lies in the picture; whoever wants a mask of pixels takes those over 0.5
 * @source torchvision's `paste_masks_in_image`: pad 1, boxes grown as much, cut off to whole pixels, one pixel added
 */
export function pasteMask(mask: Float32Array, side: number, box: ArrayLike<number>, picture: Size): PastedMask {
  const padded = side + 2 * PAD;
  const scale = padded / side;
  const [left, right] = grown(box[0]!, box[2]!, scale);
  const [top, bottom] = grown(box[1]!, box[3]!, scale);
  const columns = stretch(Math.max(right - left + 1, 1), padded);
  const rows = stretch(Math.max(bottom - top + 1, 1), padded);
  const [x, y] = [Math.max(left, 0), Math.max(top, 0)];
  const width = Math.max(0, Math.min(left + columns.length, picture.width) - x);
  const height = Math.max(0, Math.min(top + rows.length, picture.height) - y);
  if (width === 0 || height === 0) return { x, y, width: 0, height: 0, values: new Float32Array(0) };
  const at = (row: number, column: number): number => {
    const [i, j] = [row - PAD, column - PAD];
    return i < 0 || j < 0 || i >= side || j >= side ? 0 : mask[i * side + j]!;
  };
  const values = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const down = rows[y - top + row]!;
    for (let column = 0; column < width; column++) {
      const across = columns[x - left + column]!;
      const above = at(down.low, across.low) * (1 - across.share) + at(down.low, across.high) * across.share;
      const below = at(down.high, across.low) * (1 - across.share) + at(down.high, across.high) * across.share;
      values[row * width + column] = above * (1 - down.share) + below * down.share;
    }
  }
  return { x, y, width, height, values };
}
