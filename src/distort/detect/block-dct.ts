import type { Pixels } from '../../image/pixels.js';

/** Positions in a block, row by row, whose coefficients are looked at: the 15 lowest alternating frequencies, a 4x4 corner. */
export const FREQUENCIES: readonly number[] = [1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

/** Side of the corner of a block that is transformed. */
const CORNER = 4;

/** Orthonormal basis of the DCT, `[frequency][position]`, as JPEG scales it. @source ITU-T T.81, A.3.3 */
const BASIS = Array.from({ length: CORNER }, (_, u) =>
  Float32Array.from(
    { length: 8 },
    (_, x) => (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16),
  ),
);

/**
 * Magnitudes of low frequencies of the luminance over a sample of 8x8 blocks.
 *
 * Blocks with a clipped pixel are left out: their coefficients are no longer those that were stored.
 *
 * @param offset of the grid of blocks from the top left corner, in pixels: 0 for the grid of a JPEG file
 * @param blocks at most how many, spread evenly over the image
 * @returns one list per entry of {@link FREQUENCIES}, in no order, in units of the pixels (0..1024)
 */
export function blockMagnitudes(pixels: Pixels, offset: number, blocks: number): Float32Array[] {
  const columns = Math.floor((pixels.width - offset) / 8);
  const rows = Math.floor((pixels.height - offset) / 8);
  const total = Math.max(0, columns) * Math.max(0, rows);
  const count = Math.min(total, blocks);
  const found = FREQUENCIES.map(() => new Float32Array(count));
  const luminance = new Float32Array(64);
  const half = new Float32Array(8 * CORNER);
  let used = 0;
  for (let i = 0; i < count; i++) {
    const block = Math.floor((i * total) / count);
    const x = offset + 8 * (block % columns);
    const y = offset + 8 * Math.floor(block / columns);
    if (!readLuminance(pixels, x, y, luminance)) continue;
    for (let row = 0; row < 8; row++) {
      for (let u = 0; u < CORNER; u++) {
        const basis = BASIS[u]!;
        let sum = 0;
        for (let k = 0; k < 8; k++) sum += basis[k]! * luminance[8 * row + k]!;
        half[CORNER * row + u] = sum;
      }
    }
    for (let f = 0; f < FREQUENCIES.length; f++) {
      const basis = BASIS[FREQUENCIES[f]! >> 3]!;
      const u = FREQUENCIES[f]! & 7;
      let sum = 0;
      for (let k = 0; k < 8; k++) sum += basis[k]! * half[CORNER * k + u]!;
      found[f]![used] = Math.abs(sum);
    }
    used++;
  }
  return found.map((list) => list.subarray(0, used));
}

/** Fills `to` with the luminance of a block, `[64]`; false where a value is 0 or 255, which may have been clipped. */
function readLuminance({ data, width, channels }: Pixels, x: number, y: number, to: Float32Array): boolean {
  for (let row = 0; row < 8; row++) {
    let at = ((y + row) * width + x) * channels;
    for (let column = 0; column < 8; column++, at += channels) {
      const red = data[at]!;
      const green = channels === 3 ? data[at + 1]! : red;
      const blue = channels === 3 ? data[at + 2]! : red;
      if (isClipped(red) || isClipped(green) || isClipped(blue)) return false;
      // The weights of JFIF.
      to[8 * row + column] = 0.299 * red + 0.587 * green + 0.114 * blue;
    }
  }
  return true;
}

const isClipped = (value: number): boolean => value === 0 || value === 255;
