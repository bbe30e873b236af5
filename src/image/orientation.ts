import { headerSegments } from './jpeg-segments.js';

/**
 * How a picture is to be turned before it is shown, as EXIF writes it: 1 as it is, 2 mirrored, 3 by 180 degrees, 4 upside down and
 * mirrored, 5 to 8 with its sides exchanged (6: a quarter to the right, as phones held upright write it).
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** The tag of a TIFF directory that says it. */
const ORIENTATION = 0x0112;
const APP1 = 0xe1;
const EXIF = 'Exif\0\0';

/** Whether width and height change places. */
export const isSideways = (orientation: Orientation): boolean => orientation >= 5;

/**
 * The orientation that a JPEG, PNG, WebP or TIFF file states, from its headers alone.
 *
 * @returns 1 where it states none, and where what it states is damaged
 * @source Exif 2.32, 4.6.4; PNG Third Edition, 11.3.4.5; RFC 9649, 2.7.1.4
 */
export function orientationOf(bytes: Uint8Array): Orientation {
  const exif = exifOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return exif ? readTag(exif) : 1;
}

/** The TIFF structure that holds the tag. */
function exifOf(bytes: Buffer): Buffer | undefined {
  const head = bytes.toString('latin1', 0, 16);
  if (head.startsWith('\xff\xd8')) return jpegExif(bytes);
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return pngExif(bytes);
  if (/^RIFF.{4}WEBPVP8X/s.test(head)) return webpExif(bytes);
  return /^(II\*\0|MM\0\*)/.test(head) ? bytes : undefined;
}

function jpegExif(bytes: Buffer): Buffer | undefined {
  for (const { marker, body } of headerSegments(bytes)) {
    const content = Buffer.from(body.buffer, body.byteOffset, body.length);
    if (marker === APP1 && content.toString('latin1', 0, 5) === 'Exif\0') return content.subarray(EXIF.length);
  }
  return undefined;
}

/** The chunk may stand behind the pixels. */
function pngExif(bytes: Buffer): Buffer | undefined {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString('latin1', at + 4, at + 8) === 'eXIf')
      return withoutPrefix(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  return undefined;
}

function webpExif(bytes: Buffer): Buffer | undefined {
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === 'EXIF') return withoutPrefix(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length + (length & 1);
  }
  return undefined;
}

/** Some writers keep JPEG's prefix where the format has none. */
function withoutPrefix(exif: Buffer): Buffer {
  return exif.toString('latin1', 0, EXIF.length) === EXIF ? exif.subarray(EXIF.length) : exif;
}

function readTag(tiff: Buffer): Orientation {
  const order = tiff.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  const little = order === 'II';
  try {
    const directory = view.getUint32(4, little);
    const entries = view.getUint16(directory, little);
    for (let entry = directory + 2; entry < directory + 2 + 12 * entries; entry += 12) {
      if (view.getUint16(entry, little) !== ORIENTATION) continue;
      const isLong = view.getUint16(entry + 2, little) === 4;
      const value = isLong ? view.getUint32(entry + 8, little) : view.getUint16(entry + 8, little);
      return value >= 1 && value <= 8 ? (value as Orientation) : 1;
    }
  } catch {
    // It ends before: it says nothing.
  }
  return 1;
}
