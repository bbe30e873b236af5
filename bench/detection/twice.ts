import type { Pixels } from '../../src/image/pixels.js';
import { mean } from '../peer.js';
import { decodeAll, detectAll, score } from './earlier.js';
import type { Encoder } from './jpeg-encoders.js';

export interface DoubleRow {
  first: string;
  second: string;
  files: number;
  /** Share taken for compressed twice. */
  found: number;
  /** Share read within 1 of the first quality. */
  within1: number;
  /** Share read more than 2 below the first quality. */
  tooLow: number;
}

/** First at 5 to 50, then at 75 to 95 or what loses about as little. */
export async function twice(first: Encoder, second: Encoder, pictures: Pixels[]): Promise<DoubleRow> {
  const results: { found: number; within1: number; tooLow: number; files: number }[] = [];
  for (const quality of [5, 10, 20, 30, 50]) {
    const decoded = await decodeAll(await first.save(pictures, quality));
    for (const setting of second.name === 'ffmpeg' ? [6, 4, 2] : [75, 85, 95]) {
      results.push({ files: decoded.length, ...score(await detectAll(await second.save(decoded, setting)), quality) });
    }
  }
  return {
    first: first.name,
    second: second.name,
    files: results.reduce((sum, { files }) => sum + files, 0),
    found: mean(results.map(({ found }) => found)),
    within1: mean(results.map(({ within1 }) => within1)),
    tooLow: mean(results.map(({ tooLow }) => tooLow)),
  };
}
