import { fail } from '../common/errors.js';
import { decodePng } from './labels.js';
import { orientationOf } from './orientation.js';
import type { InstanceMap } from './pixels.js';
import { turnUpright } from './turn.js';

/**
 * The object ids of a gray PNG of 8 or 16 bits, upright.
 *
 * @param where the file's name, for the error
 * @throws E_IMAGE_DECODE, or E_IMAGE_LABELS if the PNG holds colours instead of ids
 */
export function decodeInstanceMap(bytes: Uint8Array, where: string): InstanceMap {
  const { width, height, channels, depth, data } = decodePng(bytes, where);
  if (channels !== 1 || depth < 8) {
    fail('E_IMAGE_LABELS', {
      where,
      expected: 'a gray PNG of object ids with 8 or 16 bits',
      got: `${channels} channels of ${depth} bits`,
      todo: 'Write one gray value per object.',
    });
  }
  return turnUpright({ data: Uint16Array.from(data), width, height }, orientationOf(bytes));
}
