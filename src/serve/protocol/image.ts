import { contentOf } from '../../common/content.js';
import { fail } from '../../common/errors.js';
import { readImageHeader } from '../../image/header.js';
import { orientationOf } from '../../image/orientation.js';
import { uprightSize } from '../../image/turn.js';
import { looksLikeBase64 } from './base64.js';
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
    const [got, todo] = described(bytes);
    fail('E_SERVE_FORMAT', { where, expected: 'the bytes of a JPEG, PNG or WebP image', got, todo });
  }
  const { width, height } = header;
  checkPixels(width, height, where, pixels);
  return { frame: bytes, ...uprightSize({ width, height }, orientationOf(bytes)) };
}

/** What came in place of an image, and what to do about it, as far as it can be told. */
function described(bytes: Uint8Array): [got: string, todo?: string] {
  if (bytes.length === 0) return ['nothing'];
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1').trimStart();
  if (looksLikeBase64(start))
    return ['an image in base64', 'Send the file itself; base64 belongs into a JSON request to /v2.'];
  if (/^[[{]/.test(start)) return ['JSON', 'Send the file itself; JSON goes to /v2/models/NAME/infer.'];
  if (/^--[\w'()+,./:=?-]{1,70}\r?\ncontent-/i.test(start)) return ['a form', 'Send the file itself.'];
  const content = contentOf(bytes);
  if (content?.kind === 'text') return [content.name, 'Send the image, not the page that shows it.'];
  if (content) return [content.name, content.todo];
  return [`${bytes.length} bytes that do not start like one`];
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
