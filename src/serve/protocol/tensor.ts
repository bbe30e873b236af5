import { bytesOfBase64, looksLikeBase64 } from './base64.js';
import { shown, wrong } from './wrong.js';

/** Reads one number of a tensor into 0..255. */
type ReadValue = (value: number, where: string, index: number) => number;

/** Values that a pixel may have: whole for UINT8; FP32 is rounded. */
const PIXEL_TYPES: Readonly<Record<'UINT8' | 'FP32', ReadValue>> = {
  UINT8: (value, where, index) => (Number.isInteger(value) ? inRange(value, where, index) : range(value, where, index)),
  FP32: (value, where, index) => Math.round(inRange(value, where, index)),
};

function inRange(value: number, where: string, index: number): number {
  return value >= 0 && value <= 255 ? value : range(value, where, index);
}

function range(value: number, where: string, index: number): never {
  wrong(where, 'values from 0 to 255', `${value} at ${index}`);
}

/**
 * Pixels out of a JSON tensor, flat or nested, in row-major order.
 *
 * @param count how many the shape asks for
 * @throws E_SERVE_REQUEST for another count, and for what is no number or out of range
 */
export function pixelsOfJson(data: unknown, datatype: 'UINT8' | 'FP32', count: number, where: string): Uint8Array {
  if (!Array.isArray(data)) wrong(where, 'a list of numbers', shown(data));
  const pixels = new Uint8Array(count);
  const read = PIXEL_TYPES[datatype];
  let filled = 0;
  const fill = (list: readonly unknown[], depth: number): void => {
    for (const value of list) {
      if (typeof value === 'number') {
        if (filled === count) wrong(where, `${count} values`, 'more');
        pixels[filled] = read(value, where, filled);
        filled += 1;
      } else if (Array.isArray(value) && depth < 4) fill(value, depth + 1);
      else wrong(where, 'numbers', shown(value));
    }
  };
  fill(data, 1);
  if (filled !== count) wrong(where, `${count} values`, String(filled));
  return pixels;
}

/**
 * Pixels out of a binary tensor, little-endian and row-major. Those of UINT8 are a view on `bytes`.
 *
 * @throws E_SERVE_REQUEST for another length, and for FP32 values outside 0..255
 */
export function pixelsOfBinary(
  bytes: Uint8Array,
  datatype: 'UINT8' | 'FP32',
  count: number,
  where: string,
): Uint8Array {
  const length = datatype === 'UINT8' ? count : count * 4;
  if (bytes.length !== length) wrong(where, `${length} bytes`, String(bytes.length));
  if (datatype === 'UINT8') return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const pixels = new Uint8Array(count);
  for (let i = 0; i < count; i++) pixels[i] = PIXEL_TYPES.FP32(view.getFloat32(i * 4, true), where, i);
  return pixels;
}

/**
 * The one element of a binary BYTES tensor: its length as four bytes, little-endian, and then itself.
 *
 * @throws E_SERVE_REQUEST
 */
export function bytesOfBinary(bytes: Uint8Array, where: string): Uint8Array {
  if (bytes.length < 4) wrong(where, 'four bytes of length and then the image', `${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  if (length !== bytes.length - 4)
    wrong(where, `one element of ${bytes.length - 4} bytes`, `a length of ${length} in its first four bytes`);
  return bytes.subarray(4);
}

/**
 * The one element of a JSON BYTES tensor: a string of base64 where `content_type` or its own beginning says so, else one with a
 * character per byte (U+0000 to U+00FF).
 *
 * @throws E_SERVE_REQUEST
 */
export function bytesOfJson(data: unknown, contentType: unknown, where: string): Uint8Array {
  const list = Array.isArray(data) ? (data.flat(1) as unknown[]) : [];
  const text = list[0];
  if (list.length !== 1 || typeof text !== 'string') wrong(where, 'a list of one string', shown(data));
  if (contentType === 'base64') return bytesOfBase64(text, where);
  if (contentType !== undefined) wrong(`${where} content_type`, '"base64", or none', shown(contentType));
  if (looksLikeBase64(text)) return bytesOfBase64(text, where);
  if (/[^\0-\xff]/.test(text)) {
    wrong(
      where,
      'a character per byte, U+0000 to U+00FF',
      shown(text),
      'Send the binary form, or base64 with "parameters": {"content_type": "base64"}.',
    );
  }
  return Buffer.from(text, 'latin1');
}
