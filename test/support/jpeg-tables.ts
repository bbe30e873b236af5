/** Quantization tables in natural (row by row) order. */
export type Tables = [luminance: number[], chrominance: number[]];

/** @source ITU-T T.81, table K.1 */
const LUMINANCE = [
  ...[16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29],
  ...[51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121],
  ...[120, 101, 72, 92, 95, 98, 112, 100, 103, 99],
];

/** @source ITU-T T.81, table K.2: 99 but for the low frequencies */
const CHROMINANCE = Array<number>(64).fill(99);
for (const [row, values] of [
  [17, 18, 24, 47],
  [18, 21, 26, 66],
  [24, 26, 56],
  [47, 66],
].entries()) {
  values.forEach((value, column) => (CHROMINANCE[row * 8 + column] = value));
}

/** The tables of a quality, 1..100. @source libjpeg, jpeg_quality_scaling and jpeg_add_quant_table with force_baseline */
export function ijgTables(quality: number): Tables {
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  const scaled = (base: number[]): number[] =>
    base.map((value) => Math.min(255, Math.max(1, Math.floor((value * scale + 50) / 100))));
  return [scaled(LUMINANCE), scaled(CHROMINANCE)];
}

/** The 8-bit tables 0 and 1 of a JPEG file's DQT segments. */
export function quantizationTables(bytes: Uint8Array): Tables {
  const tables: number[][] = [];
  let at = 2;
  while (bytes[at + 1] !== 0xda) {
    const end = at + 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
    if (bytes[at + 1] === 0xdb) {
      for (let table = at + 4; table < end; table += 65) {
        const values = Array<number>(64);
        ZIGZAG.forEach((position, i) => (values[position] = bytes[table + 1 + i]!));
        tables[bytes[table]!] = values;
      }
    }
    at = end;
  }
  return tables as Tables;
}

/** Natural position of each coefficient in the order of the file: along the diagonals, turning at each end. */
const ZIGZAG = Array.from({ length: 64 }, (_, i) => i).sort((a, b) => {
  const diagonal = (p: number): number => (p >> 3) + (p & 7);
  if (diagonal(a) !== diagonal(b)) return diagonal(a) - diagonal(b);
  return diagonal(a) % 2 === 0 ? b - a : a - b;
});
