import type { Pixels } from './pixels.js';

/** What lies outside an image: `edge` repeats its outermost pixels, `mirror` reflects it in them (`dcb|abcd|cba`). */
export type Border = 'edge' | 'mirror';

/** An image with `margin` more pixels on each side; `mirror` goes back and forth where the image is smaller than that. */
export function pad({ data, width, height, channels }: Pixels, margin: number, border: Border): Pixels {
  const source = border === 'edge' ? clamp : mirror;
  const [wide, high] = [width + 2 * margin, height + 2 * margin];
  const result = new Uint8Array(wide * high * channels);
  for (let y = 0; y < high; y++) {
    const from = source(y - margin, height) * width * channels;
    const to = y * wide * channels;
    result.set(data.subarray(from, from + width * channels), to + margin * channels);
    for (let x = -margin; x < width + margin; x = x === -1 ? width : x + 1) {
      const column = from + source(x, width) * channels;
      for (let c = 0; c < channels; c++) result[to + (x + margin) * channels + c] = data[column + c]!;
    }
  }
  return { data: result, width: wide, height: high, channels };
}

const clamp = (at: number, length: number): number => Math.min(length - 1, Math.max(0, at));

/** Where a position lies that is reflected in the first and the last of `length`, neither of which is repeated. */
export function mirror(at: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = ((at % period) + period) % period;
  return Math.min(folded, period - folded);
}
