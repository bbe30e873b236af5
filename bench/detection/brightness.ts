import { brightness } from '../../src/distort/brightness.js';
import { BrightnessReference } from '../../src/distort/detect/brightness.js';
import type { Pixels } from '../../src/image/pixels.js';
import { median } from '../peer.js';

export interface BrightnessRow {
  factor: number;
  same: number;
  later: number;
}

/** The factor read, as a share of the true one: of a frame among those that made the reference, and of one a minute later. */
export async function brightnessRows(frames: Pixels[]): Promise<BrightnessRow[]> {
  const reference = new BrightnessReference();
  for (const frame of frames.slice(0, 5)) reference.add(frame);
  const rows: BrightnessRow[] = [];
  for (const factor of [0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 3, 5]) {
    const read = async (some: Pixels[]): Promise<number> => {
      const shares: number[] = [];
      for (const frame of some) {
        shares.push((reference.detect(await brightness.apply(frame, factor))?.factor ?? Number.NaN) / factor);
      }
      return median(shares);
    };
    rows.push({ factor, same: await read(frames.slice(0, 5)), later: await read(frames.slice(-5)) });
  }
  return rows;
}
