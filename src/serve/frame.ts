import { fail } from '../common/errors.js';
import { decodeStored } from '../image/decode.js';
import { orientationOf } from '../image/orientation.js';
import { turnUpright } from '../image/turn.js';
import type { Pixels } from '../image/pixels.js';
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

/** @throws E_IMAGE_DECODE for bytes that are no image, E_SHAPE for pixels of another length than their sizes say */
export async function decodeFrame(frame: Frame): Promise<Decoded> {
  const start = performance.now();
  if (frame instanceof Uint8Array) {
    const stored = await decodeStored(frame, 'frame');
    const pixels = turnUpright(stored, orientationOf(frame));
    return { pixels, stored, bytes: frame, decode: performance.now() - start };
  }
  const { data, width, height, channels, bytes } = frame;
  if (channels !== 3 || data.length !== width * height * 3 || data.length === 0) {
    fail('E_SHAPE', {
      where: 'frame',
      expected: `${height} x ${width} x 3 bytes, row by row`,
      got: `${data.length} bytes with ${channels} channels`,
    });
  }
  return { pixels: frame, stored: frame, bytes, decode: 0 };
}
