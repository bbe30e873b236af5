import { BrightnessReference } from '../../src/distort/detect/brightness.js';
import { detectJpeg } from '../../src/distort/detect/jpeg.js';
import { decodeImage } from '../../src/image/decode.js';
import type { Pixels } from '../../src/image/pixels.js';
import { median } from '../peer.js';
import { decodeAll } from './earlier.js';
import type { Encoder } from './jpeg-encoders.js';

export interface TimingRow {
  what: string;
  milliseconds: number;
  /** Times what decoding the file takes. */
  ofDecode: number;
}

/** Medians over the pictures, three rounds, in turns with decoding. */
export async function timings(pictures: Pixels[], sharp: Encoder): Promise<TimingRow[]> {
  const onceFiles = await sharp.save(pictures, 90);
  const twiceFiles = await sharp.save(await decodeAll(await sharp.save(pictures, 10)), 95);
  const reference = new BrightnessReference();
  reference.add(pictures[0]!);
  const times = { decode: [], tables: [], once: [], twice: [], brightness: [] } as Record<string, number[]>;
  const timed = <T>(name: string, run: () => T): T => {
    const start = performance.now();
    const result = run();
    times[name]!.push(performance.now() - start);
    return result;
  };
  for (let round = 0; round < 3; round++) {
    for (const [i, bytes] of onceFiles.entries()) {
      const start = performance.now();
      const pixels = await decodeImage(bytes, 'bench');
      times['decode']!.push(performance.now() - start);
      timed('tables', () => detectJpeg({ bytes }));
      timed('once', () => detectJpeg({ bytes, pixels }));
      timed('brightness', () => reference.detect(pixels));
      const other = await decodeImage(twiceFiles[i]!, 'bench');
      timed('twice', () => detectJpeg({ bytes: twiceFiles[i]!, pixels: other }));
    }
  }
  const decode = median(times['decode']!);
  return Object.entries(times).map(([what, values]) => {
    const milliseconds = median(values);
    return { what, milliseconds, ofDecode: milliseconds / decode };
  });
}
