import { decodeImage } from '../image/decode.js';
import { encodeJpeg } from '../image/encode.js';
import type { Pixels } from '../image/pixels.js';
import type { Distortion } from './distortion.js';

/**
 * Compression to a baseline JPEG with the quantization tables of the Independent JPEG Group's quality, 4:2:0.
 *
 * @source Xie and Kim 2020, section 4.3; ITU-T T.81 Annex K, scaled as libjpeg's `jpeg_set_quality` does
 */
export const jpeg: Distortion<number> = {
  kind: 'jpeg',
  expected: 'a JPEG quality from 1 to 100',
  examples: [90, 50, 10, 1],
  axis: { label: 'JPEG quality', scale: 'log' },
  parse(text) {
    const quality = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return quality >= 1 && quality <= 100 ? quality : undefined;
  },
  advice(text) {
    const quality = text === '' ? Number.NaN : Number(text);
    if (quality < 1) return 'Use jpeg=1 for the strongest compression.';
    if (quality > 100) return 'Use jpeg=100 for the weakest compression, or clean for none.';
    return 'Write a whole number, for example jpeg=30.';
  },
  async apply(pixels, quality) {
    const decoded = await decodeImage(await encodeJpeg(pixels, quality, 'standard'), `jpeg=${quality}`);
    return pixels.channels === 1 ? firstChannel(decoded) : decoded;
  },
  file: { extension: '.jpg', encode: encodeJpeg },
};

/** A gray JPEG is decoded to three equal channels. */
function firstChannel({ data, width, height }: Pixels): Pixels {
  return { data: Uint8Array.from({ length: width * height }, (_, i) => data[3 * i]!), width, height, channels: 1 };
}
