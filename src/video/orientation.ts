import { endianness } from 'node:os';

/** A filter of FFmpeg with its settings, as its command line names them. */
export type FilterStep = readonly [name: string, settings: string];

/** How stored pictures are turned to stand upright. */
export interface Turn {
  /** The EXIF number of the same orientation, 2 to 8; 0 for an angle that EXIF has no number for. */
  exif: number;
  steps: FilterStep[];
  /** Whether width and height change places. */
  swaps: boolean;
}

/** `transpose` by what the signs of the matrix say: mirrored and quarter turns by EXIF's numbers. */
const TURNS: Record<number, FilterStep[]> = {
  2: [['hflip', '']],
  3: [
    ['hflip', ''],
    ['vflip', ''],
  ],
  4: [['vflip', '']],
  5: [['transpose', 'dir=cclock_flip']],
  6: [['transpose', 'dir=clock']],
  7: [['transpose', 'dir=clock_flip']],
  8: [['transpose', 'dir=cclock']],
};

/** EXIF's number by the signs of the upper left two by two entries, row by row. */
const NUMBERS: Record<string, number> = {
  '+00+': 1,
  '-00+': 2,
  '-00-': 3,
  '+00-': 4,
  '0++0': 5,
  '0+-0': 6,
  '0--0': 7,
  '0-+0': 8,
};

/**
 * What a display matrix says: nine integers of 32 bits, `[a b u; c d v; x y w]`. The filters are those that the ffmpeg program puts in.
 *
 * @returns undefined where pictures are stored upright, or the matrix is none
 * @source ISO/IEC 14496-12, tkhd; FFmpeg's display.h
 */
export function turnOf(matrix: Buffer): Turn | undefined {
  if (matrix.length < 36) return undefined;
  const at = (i: number): number => (endianness() === 'LE' ? matrix.readInt32LE(i * 4) : matrix.readInt32BE(i * 4));
  const [a, b, c, d] = [at(0), at(1), at(3), at(4)];
  const size = Math.max(...[a, b, c, d].map(Math.abs));
  const signs = [a, b, c, d].map((value) => (Math.abs(value) < size / 50 ? '0' : value > 0 ? '+' : '-')).join('');
  const exif = NUMBERS[signs];
  if (size === 0 || exif === 1) return undefined;
  if (exif !== undefined) return { exif, steps: TURNS[exif]!, swaps: exif > 4 };
  const angle = Math.atan2(b, a);
  return { exif: 0, steps: [['rotate', `angle=${angle.toFixed(6)}`]], swaps: false };
}

/** What was done, in words: `turned clockwise by 90 degrees`. */
export function turnWords(exif: number): string {
  const words: Record<number, string> = {
    2: 'mirrored',
    3: 'turned by 180 degrees',
    4: 'flipped upside down',
    5: 'mirrored and turned clockwise by 270 degrees',
    6: 'turned clockwise by 90 degrees',
    7: 'mirrored and turned clockwise by 90 degrees',
    8: 'turned clockwise by 270 degrees',
  };
  return words[exif] ?? 'rotated';
}
