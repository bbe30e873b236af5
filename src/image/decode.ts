import sharp from 'sharp';
import { fail } from '../common/errors.js';
import type { Pixels } from './pixels.js';
import { readFile } from '../common/read-file.js';

/**
 * The pixels of a JPEG, PNG or any other still image that sharp reads, as 8-bit RGB.
 *
 * Gray is repeated into three channels, alpha dropped, 16 bits reduced to 8. The colour profile and the EXIF orientation are
 * not applied, so the values are those stored in the file, as Pillow's `Image.open(file).convert('RGB')` gives them, and
 * a label map drawn on the stored pixels fits.
 *
 * @param where the file's name, for the error
 * @returns `[height, width, 3]`, 0..255
 * @throws E_IMAGE_DECODE if the bytes are no image, are damaged or end early
 */
export async function decodeImage(bytes: Uint8Array, where: string): Promise<Pixels> {
  try {
    const { data, info } = await sharp(bytes, { ignoreIcc: true, failOn: 'warning' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const bytesOnly = new Uint8Array(data.buffer, data.byteOffset, data.length);
    return { data: channels === 3 ? bytesOnly : threefold(bytesOnly), width, height, channels: 3 };
  } catch (cause) {
    fail('E_IMAGE_DECODE', {
      where,
      expected: 'a whole JPEG or PNG image',
      got: describeDamage(bytes, cause),
      todo: 'Copy or download the file again.',
      cause,
    });
  }
}

/**
 * Width and height of an image file from its header alone.
 *
 * @throws E_IMAGE_DECODE if the file does not start like an image
 */
export async function imageFileSize(path: string): Promise<{ width: number; height: number }> {
  try {
    const { width, height } = await sharp(path).metadata();
    return { width, height };
  } catch (cause) {
    const bytes = await readFile(path);
    fail('E_IMAGE_DECODE', {
      where: path,
      expected: 'a JPEG or PNG image',
      got: describeDamage(bytes, cause),
      todo: 'Copy or download the file again.',
      cause,
    });
  }
}

function threefold(gray: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(gray.length * 3);
  for (let i = 0, o = 0; i < gray.length; i++) rgb[o++] = rgb[o++] = rgb[o++] = gray[i]!;
  return rgb;
}

/** Shared with the label decoder: `0 bytes`, or the size and the decoder's own reason on one line. */
export function describeDamage(bytes: Uint8Array, cause: unknown): string {
  if (bytes.length === 0) return 'an empty file';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return `${bytes.length} bytes that do not decode (${reason.trim().replace(/\s*\n\s*/g, '; ')})`;
}
