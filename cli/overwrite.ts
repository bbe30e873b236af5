import { existsSync } from 'node:fs';
import { fail } from '../src/common/errors.js';
import { isStream } from '../src/common/steady-writer.js';

/**
 * Keeps a command from writing over results.
 *
 * @param path the file that is there where results are: `OUT/config.json`
 * @param option the option that names the place
 * @throws E_OUT_EXISTS where it is there, unless `force` is set
 */
export function refuseOverwrite(path: string, force = false, option = '--out'): void {
  if (force || !existsSync(path) || isStream(path)) return;
  fail('E_OUT_EXISTS', {
    where: option,
    expected: 'a place without results',
    got: `${path}, which is there already`,
    todo: 'Choose another place, or add --force to write over it.',
  });
}
