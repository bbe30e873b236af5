import { contentOf } from '../../common/content.js';
import { fail } from '../../common/errors.js';
import { readImageHeader } from '../../image/header.js';
import { orientationOf } from '../../image/orientation.js';
import { uprightSize } from '../../image/turn.js';
import type { Frame } from '../inference.js';

/** A frame whose size is known and allowed. */
export interface SizedFrame {
  frame: Frame;
  width: number;
  height: number;
}

/**
 * An encoded image with the size that its header states, upright; nothing is decoded.
 *
 * @param where the field it came in, for the error
 * @throws E_SERVE_FORMAT if it is no JPEG, PNG or WebP; E_SERVE_PIXELS
 */
export function encodedFrame(bytes: Uint8Array, where: string, pixels: number): SizedFrame {
  const header = readImageHeader(bytes);
  if (!header || header.width === 0 || header.height === 0) {
    fail('E_SERVE_FORMAT', {
      where,
      expected: 'the bytes of a JPEG, PNG or WebP image',
      got:
        bytes.length === 0 ? 'nothing' : (contentOf(bytes)?.name ?? `${bytes.length} bytes that do not start like one`),
    });
  }
  const { width, height } = header;
  checkPixels(width, height, where, pixels);
  return { frame: bytes, ...uprightSize({ width, height }, orientationOf(bytes)) };
}

/** @throws E_SERVE_PIXELS */
export function checkPixels(width: number, height: number, where: string, most: number): void {
  if (width * height > most) {
    fail('E_SERVE_PIXELS', {
      where,
      expected: `at most ${most} pixels`,
      got: `${width} x ${height}`,
      todo: 'Send a smaller image.',
    });
  }
}
