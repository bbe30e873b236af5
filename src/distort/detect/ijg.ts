/** @source ITU-T T.81, table K.1, row by row */
const LUMINANCE = [
  ...[16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55],
  ...[14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62],
  ...[18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92],
  ...[49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99],
];

/** @source ITU-T T.81, table K.2, row by row */
const CHROMINANCE = [
  ...[17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99],
  ...[24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99],
  ...Array<number>(32).fill(99),
];

/** The steps of a quality in natural (row by row) order, `[64]` each. */
export interface IjgTables {
  luminance: Uint16Array;
  chrominance: Uint16Array;
}

/** Steps above 255 need a table of 16 bits: baseline files hold at most 255, `cjpeg` without `-baseline` writes them as they are. */
const BASELINE_LIMIT = 255;
const EXTENDED_LIMIT = 32767;

/**
 * The quantization tables of the Independent JPEG Group's quality.
 *
 * @param quality a whole number, 1..100
 * @source libjpeg: `jpeg_quality_scaling`, and `jpeg_add_quant_table` with `force_baseline` unless `extended`
 */
export function ijgTables(quality: number, { extended = false } = {}): IjgTables {
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  const limit = extended ? EXTENDED_LIMIT : BASELINE_LIMIT;
  const scaled = (base: readonly number[]): Uint16Array =>
    Uint16Array.from(base, (value) => Math.min(limit, Math.max(1, Math.floor((value * scale + 50) / 100))));
  return { luminance: scaled(LUMINANCE), chrominance: scaled(CHROMINANCE) };
}

/** 1..100, from the worst. */
export const QUALITIES: readonly number[] = Array.from({ length: 100 }, (_, i) => i + 1);
