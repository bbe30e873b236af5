import { hash, smooth } from './noise.js';

/**
 * What surfaces look like close up, as brightness to add (about -40..40) at a pixel or a point in metres. Road and pavement,
 * building and fence, tree and grass share their colours: it is this fine texture, which strong compression flattens, that
 * tells them apart.
 */

/** Grains of one pixel, the same in every direction, and worn tracks. */
export function asphalt(x: number, y: number, seed: number): number {
  return (hash(x, y, seed) - 0.5) * 30 + (smooth(x / 23, y / 9, seed) - 0.5) * 14;
}

/** Slabs laid with dark joints, in metres on the ground; where slabs get smaller than pixels, a fine weave of pixels. */
export function paving(
  metresX: number,
  metresZ: number,
  x: number,
  y: number,
  pixelsPerMetre: number,
  seed: number,
): number {
  const slab = 0.3;
  const weave = ((x + y) & 1 ? 10 : -10) * Math.min(1, Math.max(0, 2 - (pixelsPerMetre * slab) / 6));
  const [across, along] = [metresX / slab, metresZ / (slab * 1.6)];
  const tone = (hash(Math.floor(across), Math.floor(along), seed) - 0.5) * 16;
  const joint = 1.2 / (pixelsPerMetre * slab);
  return tone + weave + (across - Math.floor(across) < joint ? -20 : 0);
}

/** Blades: streaks three pixels tall. */
export function grass(x: number, y: number, seed: number): number {
  return (
    (hash(x, Math.floor((y + 3 * hash(x, 0, seed)) / 3), seed) - 0.5) * 40 + (smooth(x / 17, y / 7, seed) - 0.5) * 14
  );
}

/** Leaves of one or two pixels in clumps. */
export function leaves(x: number, y: number, seed: number): number {
  return (hash(x, y, seed) - 0.5) * 44 + (smooth(x / 5, y / 5, seed) - 0.5) * 44;
}

/** Upright slats of `period` pixels with dark gaps. */
export function planks(x: number, period: number, seed: number): number {
  const slat = Math.floor(x / period);
  return (hash(slat, 7, seed) - 0.5) * 12 + (x - slat * period < 1 ? -26 : 6);
}

/** Rows of bricks, two pixels high with joints, each row set off against the next. */
export function bricks(x: number, y: number, seed: number): number {
  const row = Math.floor(y / 3);
  const joint = y - row * 3 === 0 || (x + (row & 1) * 3) % 6 === 0;
  return (joint ? 14 : -6) + (hash(Math.floor((x + (row & 1) * 3) / 6), row, seed) - 0.5) * 14;
}

/** Nearly even, with stains. */
export function plaster(x: number, y: number, seed: number): number {
  return (hash(x, y, seed) - 0.5) * 6 + (smooth(x / 11, y / 19, seed) - 0.5) * 16;
}
