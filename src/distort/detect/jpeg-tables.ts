import { headerSegments, isFrame } from '../../image/jpeg-segments.js';

/** The quantization of a JPEG file, as its headers say it. */
export interface JpegTables {
  /** In pixels, as stored: no orientation applied. */
  width: number;
  height: number;
  /** Steps of the first component, in natural (row by row) order: `[64]`, 1..65535. */
  luminance: Uint16Array;
  /** Steps of the second component where it has a table of its own, `[64]`. */
  chrominance?: Uint16Array;
}

/** Natural position of each coefficient in the order of the file: along the diagonals, turning at each end. */
const ZIGZAG = Array.from({ length: 64 }, (_, i) => i).sort((a, b) => {
  const diagonal = (p: number): number => (p >> 3) + (p & 7);
  if (diagonal(a) !== diagonal(b)) return diagonal(a) - diagonal(b);
  return diagonal(a) % 2 === 0 ? b - a : a - b;
});

const DQT = 0xdb;

interface Frame {
  width: number;
  height: number;
  /** The table of each component. */
  tables: number[];
}

/**
 * Reads the quantization tables of a JPEG file from its headers, up to the first scan; nothing is decoded.
 *
 * @returns undefined where the bytes are no JPEG file, or its headers are damaged or end before they say all of it
 * @source ITU-T T.81, Annex B
 */
export function readJpegTables(bytes: Uint8Array): JpegTables | undefined {
  const tables: (Uint16Array | undefined)[] = [];
  let frame: Frame | undefined;
  for (const { marker, body } of headerSegments(bytes)) {
    if (marker === DQT) {
      if (!readTables(body, tables)) return undefined;
    } else if (isFrame(marker)) {
      frame = readFrame(body);
      if (!frame) return undefined;
    }
  }
  if (!frame) return undefined;
  const [first, second] = frame.tables;
  const luminance = tables[first!];
  if (!luminance) return undefined;
  const chrominance = second === undefined || second === first ? undefined : tables[second];
  return { width: frame.width, height: frame.height, luminance, ...(chrominance && { chrominance }) };
}

/** Adds the tables of a DQT segment, 8 or 16 bits each; false where it is damaged. */
function readTables(body: Uint8Array, tables: (Uint16Array | undefined)[]): boolean {
  let at = 0;
  while (at < body.length) {
    const precision = body[at]! >> 4;
    const id = body[at]! & 15;
    const bytesEach = precision + 1;
    if (precision > 1 || id > 3 || at + 1 + 64 * bytesEach > body.length) return false;
    const table = new Uint16Array(64);
    for (let i = 0; i < 64; i++) {
      const value = precision === 0 ? body[at + 1 + i]! : word(body, at + 1 + 2 * i);
      if (value === 0) return false;
      table[ZIGZAG[i]!] = value;
    }
    tables[id] = table;
    at += 1 + 64 * bytesEach;
  }
  return true;
}

function readFrame(body: Uint8Array): Frame | undefined {
  const components = body[5] ?? 0;
  if (components === 0 || body.length < 6 + 3 * components) return undefined;
  const width = word(body, 3);
  const height = word(body, 1);
  if (width === 0) return undefined;
  return { width, height, tables: Array.from({ length: components }, (_, i) => body[8 + 3 * i]!) };
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 256 + bytes[at + 1]!;
}
