import { headerSegments, isFrame } from './jpeg-segments.js';

/** What the first bytes of an encoded image say. */
export interface ImageHeader {
  format: 'jpeg' | 'png' | 'webp';
  /** Pixels; 0 where the header has none, which no decoder takes. */
  width: number;
  height: number;
}

/**
 * Format and size of a JPEG, PNG or WebP from its header, without decoding a pixel: microseconds, whatever the size.
 *
 * @returns undefined for any other format, and for a file that ends before its size
 * @source ITU-T T.81 B.2.2 (JPEG), PNG Third Edition 11.2.1, RFC 9649 (WebP)
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (startsWith(bytes, 0, '\xff\xd8')) return readJpeg(bytes);
  if (startsWith(bytes, 0, '\x89PNG\r\n\x1a\n')) return readPng(bytes, view);
  if (startsWith(bytes, 0, 'RIFF') && startsWith(bytes, 8, 'WEBP')) return readWebp(bytes, view);
  return undefined;
}

/** The first frame header (SOF) is the only place that has the size. */
function readJpeg(bytes: Uint8Array): ImageHeader | undefined {
  for (const { marker, body } of headerSegments(bytes)) {
    if (!isFrame(marker) || body.length < 5) continue;
    return { format: 'jpeg', width: body[3]! * 256 + body[4]!, height: body[1]! * 256 + body[2]! };
  }
  return undefined;
}

function readPng(bytes: Uint8Array, view: DataView): ImageHeader | undefined {
  if (bytes.length < 24 || !startsWith(bytes, 12, 'IHDR')) return undefined;
  return { format: 'png', width: view.getUint32(16), height: view.getUint32(20) };
}

function readWebp(bytes: Uint8Array, view: DataView): ImageHeader | undefined {
  if (bytes.length < 30) return undefined;
  if (startsWith(bytes, 12, 'VP8X')) {
    return { format: 'webp', width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) };
  }
  if (startsWith(bytes, 12, 'VP8L')) {
    const bits = view.getUint32(21, true);
    return { format: 'webp', width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  if (startsWith(bytes, 12, 'VP8 ')) {
    return { format: 'webp', width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  return undefined;
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  if (bytes.length < at + text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
