import { detectJpeg } from '../../src/distort/detect/jpeg.js';
import { decodeImage } from '../../src/image/decode.js';
import type { Pixels } from '../../src/image/pixels.js';

type Detections = NonNullable<ReturnType<typeof detectJpeg>>[];

/** What is read from each file and its pixels. */
export async function detectAll(files: Uint8Array[]): Promise<Detections> {
  const found: Detections = [];
  for (const bytes of files) found.push(detectJpeg({ bytes, pixels: await decodeImage(bytes, 'bench') })!);
  return found;
}

/** How often a compression before the file's own is found, and its quality. */
export function score(found: Detections, first: number): { found: number; within1: number; tooLow: number } {
  const earlier = found.filter(({ from }) => from === 'history');
  const share = (test: (quality: number) => boolean): number =>
    earlier.filter(({ quality }) => test(quality)).length / found.length;
  return {
    found: earlier.length / found.length,
    within1: share((quality) => Math.abs(quality - first) <= 1),
    tooLow: share((quality) => quality < first - 2),
  };
}

export const decodeAll = (files: Uint8Array[]): Promise<Pixels[]> =>
  Promise.all(files.map((bytes) => decodeImage(bytes, 'bench')));
