import sharp from 'sharp';
import { fail } from '../common/errors.js';
import { decodeStored } from '../image/decode.js';
import { orientationOf } from '../image/orientation.js';
import { turnUpright } from '../image/turn.js';
import type { Pixels } from '../image/pixels.js';
import type { Size } from '../image/resize.js';
import { readImageHeader } from '../image/header.js';
import type { Frame } from './inference.js';

/** A frame as pixels. */
export interface Decoded {
  /** Upright: turned by the file's EXIF orientation. */
  pixels: Pixels;
  /** As the file stores them, in whose blocks compression shows; the same where nothing was turned. */
  stored: Pixels;
  /** The file, where it was one. */
  bytes?: Uint8Array;
  /** Milliseconds. */
  decode: number;
}

/**
 * @param most pixels of the largest frame that is decoded
 * @throws E_IMAGE_DECODE for bytes that are no image, E_SHAPE for pixels of another length than their sizes say, E_INFER_PIXELS
 */
export async function decodeFrame(frame: Frame, most = Infinity): Promise<Decoded> {
  const start = performance.now();
  if (frame instanceof Uint8Array) {
    // From its header, before anything is decoded.
    if (most < Infinity) checkPixels((await sizeOf(frame)) ?? { width: 0, height: 0 }, most);
    const stored = await decodeStored(frame, 'frame');
    const pixels = turnUpright(stored, orientationOf(frame));
    return { pixels, stored, bytes: frame, decode: performance.now() - start };
  }
  const { data, width, height, channels, bytes } = frame;
  checkPixels(frame, most);
  if (channels !== 3 || data.length !== width * height * 3 || data.length === 0) {
    fail('E_SHAPE', {
      where: 'frame',
      expected: `${height} x ${width} x 3 bytes, row by row`,
      got: `${data.length} bytes with ${channels} channels`,
    });
  }
  return { pixels: frame, stored: frame, bytes, decode: 0 };
}

/** Undefined for bytes that no decoder takes, which says why. */
async function sizeOf(bytes: Uint8Array): Promise<Size | undefined> {
  const header =
    readImageHeader(bytes) ??
    (await sharp(bytes)
      .metadata()
      .catch(() => undefined));
  return header && { width: header.width, height: header.height };
}

function checkPixels({ width, height }: Size, most: number): void {
  if (width * height <= most) return;
  fail('E_INFER_PIXELS', {
    where: 'frame',
    expected: `at most ${most} pixels`,
    got: `${width} x ${height}, which is ${width * height}`,
    todo: 'Give a larger --max-pixels, or maxPixels in a program, or make the picture smaller.',
  });
}
