import { ijgTables, QUALITIES } from '../../src/distort/detect/ijg.js';
import { readJpegTables } from '../../src/distort/detect/jpeg-tables.js';
import { decodeImage } from '../../src/image/decode.js';
import type { Pixels } from '../../src/image/pixels.js';
import type { Encoder } from './jpeg-encoders.js';

/** Mean square error of the luminance. */
export function loss(a: Pixels, b: Pixels): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i += 3) {
    const red = a.data[i]! - b.data[i]!;
    const green = a.data[i + 1]! - b.data[i + 1]!;
    const blue = a.data[i + 2]! - b.data[i + 2]!;
    sum += (0.299 * red + 0.587 * green + 0.114 * blue) ** 2;
  }
  return sum / (a.data.length / 3);
}

/** The loss of a picture at each quality 1..100. */
export async function lossPerQuality(picture: Pixels, encoder: Encoder): Promise<number[]> {
  const losses: number[] = [];
  for (const quality of QUALITIES) {
    const [bytes] = await encoder.save([picture], quality);
    losses.push(loss(picture, await decodeImage(bytes!, 'bench')));
  }
  return losses;
}

/** The quality that loses as much as is wanted. */
export function equalQuality(losses: number[], wanted: number): number {
  const apart = (quality: number): number => Math.abs(Math.log(losses[quality - 1]! / wanted));
  return QUALITIES.reduce((best, quality) => (apart(quality) < apart(best) ? quality : best));
}

/** Least squares of the steps themselves, what `jpegQuality` would be without logarithms. */
export function plainQuality(bytes: Uint8Array): number {
  const { luminance } = readJpegTables(bytes)!;
  const error = (quality: number): number => {
    const reference = ijgTables(quality).luminance;
    return luminance.reduce((sum, step, i) => sum + (step - reference[i]!) ** 2, 0);
  };
  const errors = QUALITIES.map(error);
  return 1 + errors.indexOf(Math.min(...errors));
}
