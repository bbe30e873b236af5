import { fail } from '../common/errors.js';
import type { Size } from '../image/resize.js';
import type { Rle } from './rle.js';

/** The first of the 64 characters that stand for six bits each. */
const ZERO = 48;

/** Number of bits of a character that say something; the sixth says that more follow. */
const BITS = 5;

/**
 * Runs as COCO's text: from the fourth on as the difference to the run before the last, in groups of five bits, the lowest first, the last group's
 * highest bit being the sign.
 *
 * @source pycocotools' `rleToString`
 */
export function rleToText({ counts }: Rle): string {
  let text = '';
  counts.forEach((run, i) => {
    let rest = i > 2 ? run - counts[i - 2]! : run;
    for (let more = true; more;) {
      const group = rest & 31;
      rest = Math.floor(rest / 32);
      more = group & 16 ? rest !== -1 : rest !== 0;
      text += String.fromCharCode(ZERO + group + (more ? 32 : 0));
    }
  });
  return text;
}

/**
 * Reads what {@link rleToText} writes.
 *
 * @param where whose mask it is, for errors
 * @throws E_DATA_MASK for other characters, a text that ends early, or runs that do not fill the picture
 */
export function rleFromText(text: string, size: Size, where: string): Rle {
  const counts: number[] = [];
  let [value, groups] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at) - ZERO;
    if (!(code >= 0 && code < 64) || groups > 6) failText(where, `"${text[at]}" at ${at}`);
    value += (code & 31) * 2 ** (BITS * groups++);
    if (code & 32) continue;
    if (code & 16) value -= 2 ** (BITS * groups);
    counts.push(counts.length > 2 ? value + counts[counts.length - 2]! : value);
    [value, groups] = [0, 0];
  }
  if (groups > 0) failText(where, 'a text that ends within a number');
  return rleFromCounts(counts, size, where);
}

function failText(where: string, got: string): never {
  fail('E_DATA_MASK', { where, expected: "a mask as COCO's compressed run lengths", got });
}

/**
 * Runs that stand in a file as numbers.
 *
 * @param where whose mask it is, for errors
 * @throws E_DATA_MASK for what is no run, or runs that do not fill the picture
 */
export function rleFromCounts(counts: readonly number[], { width, height }: Size, where: string): Rle {
  const wrong = counts.find((run) => !Number.isInteger(run) || run < 0);
  const sum = counts.reduce((total, run) => total + run, 0);
  if (wrong !== undefined || sum !== width * height) {
    fail('E_DATA_MASK', {
      where,
      expected: `run lengths that fill ${width}x${height} pixels (${width * height})`,
      got: wrong === undefined ? `${sum} pixels` : String(wrong),
      todo: 'Write the mask of the whole picture, at its size.',
    });
  }
  return { width, height, counts: Uint32Array.from(counts) };
}
