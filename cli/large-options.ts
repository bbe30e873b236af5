import { Option } from 'commander';
import { fail } from '../src/common/errors.js';
import type { Tiling } from '../src/eval/tiles.js';
import { integer } from './options.js';

/** How large pictures are handled: options of every command that answers pictures. */

/** `--tile HxW[+OVERLAP]|none` */
export function tileOption(): Option {
  const size = 'such as 512x1024, or 512x1024+128 to say how many pixels they share';
  return new Option(
    '--tile <HxW|none>',
    `larger pictures go through the network in overlapping tiles of at most this size, ${size}; none: whole, whatever memory it takes; ` +
      'unless said, pictures of more than 2097152 pixels in tiles of at most as many',
  ).argParser(parseTile);
}

/** `--max-pixels N` */
export function maxPixelsOption(): Option {
  return new Option('--max-pixels <n>', 'largest image that is decoded, in pixels').argParser(
    integer('--max-pixels', 1),
  );
}

/** @throws E_USAGE */
export function parseTile(text: string): Tiling | 'none' {
  if (text === 'none') return text;
  const match = /^([1-9][0-9]{0,5})x([1-9][0-9]{0,5})(?:\+([0-9]{1,5}))?$/.exec(text);
  if (!match)
    fail('E_USAGE', {
      where: '--tile',
      expected: 'HEIGHTxWIDTH such as 512x1024, HEIGHTxWIDTH+OVERLAP such as 512x1024+128, or none',
      got: `"${text}"`,
    });
  const [height, width] = [Number(match[1]), Number(match[2])];
  return { height, width, ...(match[3] !== undefined && { overlap: Number(match[3]) }) };
}
