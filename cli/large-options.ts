import { Option } from 'commander';
import { fail } from '../src/common/errors.js';
import type { TileChoice } from '../src/eval/tile-memory.js';
import { integer } from './options.js';

/** How large pictures are handled: options of every command that answers pictures. */

/**
 * `--tile HxW[+OVERLAP]|MEMORY|auto|none`
 *
 * @param unless what is done where it is not given
 */
export function tileOption(unless: string): Option {
  return new Option(
    '--tile <HxW|memory|auto|none>',
    'larger pictures go through the network in overlapping tiles: of at most this size, such as 512x1024, or 512x1024+128 to say how many ' +
      'pixels they share; of a size that keeps the process below so much memory, such as 2GB; auto: below 1.5 GiB; none: no tiles, whatever ' +
      `memory that takes; unless said, ${unless}`,
  ).argParser(parseTile);
}

/** `--max-pixels N` */
export function maxPixelsOption(): Option {
  return new Option('--max-pixels <n>', 'largest image that is decoded, in pixels').argParser(
    integer('--max-pixels', 1),
  );
}

const UNITS = { MB: 1e6, GB: 1e9, MiB: 2 ** 20, GiB: 2 ** 30 };

/** @throws E_USAGE */
export function parseTile(text: string): TileChoice {
  if (text === 'none' || text === 'auto') return text;
  const memory = /^([0-9]{1,9}(?:\.[0-9]{1,9})?)(MB|GB|MiB|GiB)$/.exec(text);
  if (memory) return { memory: Math.floor(Number(memory[1]) * UNITS[memory[2] as keyof typeof UNITS]) };
  const match = /^([1-9][0-9]{0,5})x([1-9][0-9]{0,5})(?:\+([0-9]{1,5}))?$/.exec(text);
  if (!match)
    fail('E_USAGE', {
      where: '--tile',
      expected:
        'HEIGHTxWIDTH such as 512x1024, HEIGHTxWIDTH+OVERLAP such as 512x1024+128, memory such as 2GB or 1500MB, auto, or none',
      got: `"${text}"`,
    });
  const [height, width] = [Number(match[1]), Number(match[2])];
  return { height, width, ...(match[3] !== undefined && { overlap: Number(match[3]) }) };
}
