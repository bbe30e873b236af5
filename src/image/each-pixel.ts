import type { Pixels } from './pixels.js';
import type { Window } from './resize.js';

/** Calls `use` with the place in `data` of each pixel of a window, as far as it lies in a picture of three channels. */
export function eachPixel({ width, height }: Pixels, window: Window, use: (at: number) => void): void {
  const [left, right] = [Math.max(0, window.x), Math.min(window.x + window.width, width)];
  for (let y = Math.max(0, window.y); y < Math.min(window.y + window.height, height); y++)
    for (let x = left; x < right; x++) use((y * width + x) * 3);
}
