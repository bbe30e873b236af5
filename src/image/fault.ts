import { contentOf } from '../common/content.js';
import { GearnnError } from '../common/errors.js';
import { readImageHeader } from './header.js';
import { headerSegments, isFrame } from './jpeg-segments.js';

/** Pixels of one picture that is decoded at most: what libvips, and so sharp, takes. */
export const MOST_PIXELS = 0x3fff * 0x3fff;

const AGAIN = 'Copy or download the file again.';
const CONVERT = 'Convert it to JPEG or PNG.';

/** What is wrong with a file, and what to do about it. */
interface Fault {
  got: string;
  todo: string;
}

/** Kinds of JPEG that its decoders do not read. @source ITU-T T.81, table B.1; T.87 (JPEG-LS) */
const JPEG_KINDS: Record<number, string> = {
  0xc3: 'a lossless JPEG image',
  0xc5: 'a hierarchical JPEG image',
  0xc6: 'a hierarchical JPEG image',
  0xc7: 'a hierarchical JPEG image',
  0xc9: 'a JPEG image with arithmetic coding',
  0xca: 'a JPEG image with arithmetic coding',
  0xcb: 'a lossless JPEG image with arithmetic coding',
  0xf7: 'a JPEG-LS image',
};

/**
 * Why bytes do not decode, said of what they are.
 *
 * @param expected what the file should have been: `a whole JPEG or PNG image`
 * @param cause the decoder's own error
 */
export function decodeFault(bytes: Uint8Array, where: string, expected: string, cause: unknown): GearnnError {
  return new GearnnError('E_IMAGE_DECODE', { where, expected, ...faultOf(bytes, cause), cause });
}

/** As {@link decodeFault}, of a file of ids: what is another picture or array has ids that it would lose, or keeps otherwise. */
export function labelFault(bytes: Uint8Array, where: string, cause: unknown): GearnnError {
  const content = contentOf(bytes);
  const isPng = content?.name === 'a PNG image';
  const isOther = (content?.kind === 'picture' || content?.kind === 'array') && !isPng;
  const fault = isOther ? { got: content.name, todo: labelTodo(content.name) } : faultOf(bytes, cause);
  return new GearnnError('E_IMAGE_DECODE', { where, expected: 'a whole PNG label map', ...fault, cause });
}

function labelTodo(name: string): string {
  const png = 'Write label maps as lossless PNG, gray or palette, with one class id per pixel';
  const isLossy = /JPEG|WebP|HEIC|AVIF/.test(name);
  return isLossy ? `${png}, from the ids themselves: lossy compression has changed these.` : `${png}.`;
}

function faultOf(bytes: Uint8Array, cause: unknown): Fault {
  const content = contentOf(bytes);
  if (content && content.kind !== 'picture') return { got: content.name, todo: content.todo ?? 'Correct the path.' };
  const size = readImageHeader(bytes);
  if (size && size.width * size.height > MOST_PIXELS) return tooLarge(size);
  const kind = content?.name === 'a JPEG image' ? jpegKind(bytes) : undefined;
  if (kind) return { got: kind, todo: CONVERT };
  // libvips knows the size of formats that are not read here.
  if (/exceeds pixel limit/.test(reasonOf(cause))) return tooLarge(undefined);
  if (content?.todo) return { got: content.name, todo: content.todo };
  return { got: describeDamage(bytes, cause), todo: AGAIN };
}

function tooLarge(size: { width: number; height: number } | undefined): Fault {
  const got = size ? `${size.width}x${size.height}, ${size.width * size.height} pixels` : 'more pixels';
  return { got: `${got}, where at most ${MOST_PIXELS} are decoded`, todo: 'Make the picture smaller, or cut it up.' };
}

/** A JPEG that is whole and of a kind that is not read; undefined for any other. */
function jpegKind(bytes: Uint8Array): string | undefined {
  for (const { marker, body } of headerSegments(bytes)) {
    if (marker in JPEG_KINDS) return JPEG_KINDS[marker];
    if (isFrame(marker)) return body[0] === 8 ? undefined : `a JPEG image of ${body[0]} bits per channel`;
  }
  return undefined;
}

function describeDamage(bytes: Uint8Array, cause: unknown): string {
  return `${bytes.length} bytes that do not decode (${reasonOf(cause)})`;
}

/** The decoder's own reason on one line, each part of it once. */
function reasonOf(cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const lines = reason.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ''))].join('; ');
}
