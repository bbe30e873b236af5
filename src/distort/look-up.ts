import type { Pixels } from '../image/pixels.js';

/** Another picture, in which a table of 256 bytes says what becomes of each value. */
export function lookUp({ data, width, height, channels }: Pixels, table: Uint8Array): Pixels {
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = table[data[i]!]!;
  return { data: result, width, height, channels };
}
