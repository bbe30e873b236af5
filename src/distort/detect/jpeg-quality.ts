import { ijgTables, QUALITIES, type IjgTables } from './ijg.js';
import type { JpegTables } from './jpeg-tables.js';

/** A quality as the Independent JPEG Group counts it, and how sure it is. */
export interface JpegQuality {
  /** 1..100. */
  quality: number;
  /** 0..1; 1 where the file holds exactly the tables of that quality. */
  confidence: number;
}

/** The luminance is exactly of that quality, the chrominance of another: what the luminance lost is known, not more. */
const CHROMINANCE_DIFFERS = 0.8;

/** Tables of other encoders: at most this, less the worse the nearest quality fits. */
const OTHER_TABLES = 0.5;

/**
 * The quality whose tables are nearest to those of a file: least squares over the logarithms of the 64 luminance steps.
 *
 * Logarithms, because a step matters by its ratio: without them the large steps of the high frequencies, where pictures
 * have little to lose, decide alone (docs/detection.md compares both).
 *
 * @returns confidence 1 for the tables of the IJG (libjpeg, sharp, Pillow, jpeg-js), at most 0.5 for any other (mozjpeg,
 * ffmpeg, cameras), whose own quality is counted differently
 */
export function jpegQuality({ luminance, chrominance }: JpegTables): JpegQuality {
  const exact = QUALITIES.find((quality) => isOneOf(references(quality), 'luminance', luminance));
  if (exact !== undefined) {
    const whole = !chrominance || isOneOf(references(exact), 'chrominance', chrominance);
    return { quality: exact, confidence: whole ? 1 : CHROMINANCE_DIFFERS };
  }
  const logs = Array.from(luminance, Math.log);
  let nearest = { quality: 1, error: Infinity };
  for (const quality of QUALITIES) {
    const reference = references(quality)[0]!.logs;
    let error = 0;
    for (let i = 0; i < 64; i++) error += (logs[i]! - reference[i]!) ** 2;
    if (error < nearest.error) nearest = { quality, error };
  }
  return { quality: nearest.quality, confidence: OTHER_TABLES * Math.exp(-Math.sqrt(nearest.error / 64)) };
}

interface Reference extends IjgTables {
  /** Natural logarithms of the luminance steps. */
  logs: number[];
}

const cache = new Map<number, Reference[]>();

/** The tables of a quality as baseline files hold them, and as files with 16-bit tables do. */
function references(quality: number): Reference[] {
  let found = cache.get(quality);
  if (!found) {
    found = [false, true]
      .map((extended) => ijgTables(quality, { extended }))
      .map((tables) => ({ ...tables, logs: Array.from(tables.luminance, Math.log) }));
    cache.set(quality, found);
  }
  return found;
}

function isOneOf(tables: Reference[], name: keyof IjgTables, steps: Uint16Array): boolean {
  return tables.some((table) => table[name].every((step, i) => step === steps[i]));
}
