import { decode } from 'fast-png';
import { PNG } from 'pngjs';
import { fail } from '../common/errors.js';
import { labelFault, MOST_PIXELS } from './fault.js';
import { readImageHeader } from './header.js';
import { orientationOf } from './orientation.js';
import type { LabelMap } from './pixels.js';
import { decodePlane, type PackedPlane, unpackBits } from './plane-png.js';
import { turnUpright } from './turn.js';

/**
 * The class ids of a label PNG: gray values as stored, or palette indices (not the palette's colours). Upright, as images are: a label
 * map that states an EXIF orientation is turned.
 *
 * @param where the file's name, for the error
 * @throws E_IMAGE_DECODE if the bytes are no PNG, are damaged or end early
 * @throws E_IMAGE_LABELS if the PNG holds colours instead of ids, or ids above 255
 */
export function decodeLabelMap(bytes: Uint8Array, where: string): Promise<LabelMap> {
  return new Promise((resolve) => resolve(turnUpright(decodeNow(bytes, where), orientationOf(bytes))));
}

function unpack(plane: PackedPlane): LabelMap {
  const { width, height } = plane;
  return { data: unpackBits(plane), width, height };
}

function decodeNow(bytes: Uint8Array, where: string): LabelMap {
  const plane = decodePlane(bytes);
  if (plane) return unpack(plane);
  const { width, height, channels, depth, data } = decodePng(bytes, where);
  if (channels !== 1) {
    fail('E_IMAGE_LABELS', {
      where,
      expected: 'a gray or palette PNG of class ids',
      got: `${channels} channels`,
      todo: 'Convert the colours to class ids, one byte per pixel.',
    });
  }
  if (data instanceof Uint16Array) {
    const highest = data.reduce((most, id) => Math.max(most, id), 0);
    if (highest > 255) {
      fail('E_IMAGE_LABELS', {
        where,
        expected: 'class ids from 0 to 255',
        got: `${highest} in a 16-bit PNG`,
        todo: 'Write label maps with one byte per pixel.',
      });
    }
    return { data: Uint8Array.from(data), width, height };
  }
  return unpack({ data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height, depth });
}

/** A PNG by fast-png, with its failures turned into ours. */
export function decodePng(bytes: Uint8Array, where: string): ReturnType<typeof decode> {
  try {
    const size = readImageHeader(bytes);
    if (size && size.width * size.height > MOST_PIXELS) throw new Error('too many pixels');
    return decode(bytes, { checkCrc: true });
  } catch (cause) {
    throw labelFault(bytes, where, cause);
  }
}

/** A gray PNG of class ids, 8 bits, read back to the same ids by {@link decodeLabelMap} and every other tool. */
export function encodeLabelMap({ data, width, height }: LabelMap): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.length);
  return PNG.sync.write(png, { colorType: 0, inputColorType: 0, bitDepth: 8, inputHasAlpha: false });
}
