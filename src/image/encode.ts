import sharp, { type Sharp } from 'sharp';
import { fail } from '../common/errors.js';
import type { Pixels } from './pixels.js';

/** Huffman tables of JPEG files: made for the picture, or the standard's, which take half the time and more bytes, 8% at quality 30 and 28% at 10 of CamVid's frames. The pixels are the same. */
export type Huffman = 'optimal' | 'standard';

/**
 * A baseline JPEG with the quantization tables of the Independent JPEG Group's `quality`, 4:2:0 subsampling: what Pillow's
 * `image.save(file, quality=q)` and most cameras' software write.
 *
 * @param quality a whole number, 1..100
 * @throws E_USAGE if `quality` is none of these
 * @source ITU-T T.81 Annex K.3 for the standard's Huffman tables
 */
export async function encodeJpeg(pixels: Pixels, quality: number, huffman: Huffman = 'optimal'): Promise<Uint8Array> {
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) {
    fail('E_USAGE', { where: 'JPEG quality', expected: 'a whole number from 1 to 100', got: String(quality) });
  }
  const optimiseCoding = huffman === 'optimal';
  return raw(pixels)
    .jpeg({ quality, chromaSubsampling: '4:2:0', progressive: false, mozjpeg: false, optimiseCoding })
    .toBuffer();
}

/** A lossless 8-bit PNG, RGB or gray as `pixels` is; fast rather than small. */
export async function encodePng(pixels: Pixels): Promise<Uint8Array> {
  return raw(pixels).png({ compressionLevel: 4, adaptiveFiltering: true, palette: false }).toBuffer();
}

/** As small a PNG as can be of a picture of at most 256 colours, kept exactly; with more, colours that are near become one. */
export async function encodePalettePng(pixels: Pixels): Promise<Uint8Array> {
  return raw(pixels).png({ compressionLevel: 9, palette: true, colours: 256, quality: 100, dither: 0 }).toBuffer();
}

function raw({ data, width, height, channels }: Pixels): Sharp {
  const image = sharp(data, { raw: { width, height, channels } });
  return channels === 1 ? image.toColourspace('b-w') : image;
}
