import { Option } from 'commander';
import { fail } from '../src/common/errors.js';
import type { TileChoice } from '../src/eval/tile-memory.js';
import { integer } from './options.js';

/** How large pictures are handled: options of every command that answers pictures. */

/**
 * `--tile HxW[+OVERLAP]|MEMORY|auto|none`
 *
 * @param usual what is done without the option
 */
export function tileOption(usual: string): Option {
  return new Option(
    '--tile <HxW|memory|auto|none>',
    'cut larger pictures into overlapping tiles. 512x1024: of at most this size; 512x1024+128: that share 128 pixels; 2GB: that keep the ' +
      `process below this much memory; auto: below 1.5 GiB; none: no tiles (default: ${usual})`,
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
