import { setTimeout } from 'node:timers/promises';
import { detectJpeg } from '../../src/distort/detect/jpeg.js';
import { decodeImage } from '../../src/image/decode.js';
import type { Pixels } from '../../src/image/pixels.js';
import { mean } from '../peer.js';
import type { Encoder } from './jpeg-encoders.js';
import { equalQuality, loss, plainQuality } from './loss.js';

export interface SingleRow {
  encoder: string;
  files: number;
  /** Share whose quality is read exactly; null where the encoder counts quality otherwise. */
  exact: number | null;
  confidence: number;
  /** Mean difference from the IJG quality that loses as much luminance (equal mean square error). */
  difference: number;
  /** The same for a fit of the steps themselves instead of their logarithms. */
  differencePlain: number;
  /** Files wrongly taken for compressed twice. */
  falseAlarms: number;
}

/**
 * Files of one encoder at all its settings.
 *
 * @param losses of each picture, by quality, as `lossPerQuality` gives them
 */
export async function once(encoder: Encoder, pictures: Pixels[], losses: number[][]): Promise<SingleRow> {
  const [exact, confidence, difference, plain]: number[][] = [[], [], [], []];
  let falseAlarms = 0;
  for (const setting of encoder.settings) {
    const files = await encoder.save(pictures, setting);
    for (const [i, bytes] of files.entries()) {
      const pixels = await decodeImage(bytes, encoder.name);
      const found = detectJpeg({ bytes, pixels })!;
      if (found.from === 'history') falseAlarms++;
      const tables = detectJpeg({ bytes })!;
      exact!.push(tables.quality === setting ? 1 : 0);
      confidence!.push(tables.confidence);
      const equal = encoder.ijg ? setting : equalQuality(losses[i]!, loss(pictures[i]!, pixels));
      difference!.push(Math.abs(tables.quality - equal));
      plain!.push(Math.abs(plainQuality(bytes) - equal));
    }
    await setTimeout();
  }
  return {
    encoder: encoder.name,
    files: exact!.length,
    exact: encoder.ijg ? mean(exact!) : null,
    confidence: mean(confidence!),
    difference: mean(difference!),
    differencePlain: mean(plain!),
    falseAlarms,
  };
}
