import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDropping } from '../common/droppings.js';
import { fail } from '../common/errors.js';
import { ADAPTOR_CONFIG, readAdaptorConfig } from './file.js';

/** Where one adaptor lies. */
export interface AdaptorFolder {
  level: string;
  folder: string;
}

/**
 * Finds adaptors by their configs: those in the subfolders of `folder`, or of its `adaptors/` where it is a checkpoint; or
 * `folder` itself where it is an adaptor.
 *
 * @returns in ascending order of level; empty where there are none
 * @throws E_ADAPTOR for a folder that is missing, a config that is wrong, and two adaptors of one level
 */
export async function listAdaptors(folder: string): Promise<AdaptorFolder[]> {
  if (existsSync(join(folder, ADAPTOR_CONFIG))) return [{ level: (await readAdaptorConfig(folder)).level, folder }];
  const root = existsSync(join(folder, 'config.json')) ? join(folder, 'adaptors') : folder;
  const found = new Map<string, AdaptorFolder>();
  for (const name of await subfolders(root, root !== folder)) {
    const inside = join(root, name);
    if (!existsSync(join(inside, ADAPTOR_CONFIG))) continue;
    const { level } = await readAdaptorConfig(inside);
    const twin = found.get(level);
    if (twin) {
      fail('E_ADAPTOR', {
        where: inside,
        expected: `one adaptor per level in ${root}`,
        got: `a second one for ${level} beside ${twin.folder}`,
        todo: 'Move one of them elsewhere.',
      });
    }
    found.set(level, { level, folder: inside });
  }
  return [...found.values()].sort((a, b) => compareLevels(a.level, b.level));
}

/** Orders levels by kind and then by value as a number: `jpeg=5` before `jpeg=10`. */
export function compareLevels(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => text.split(/(\d+(?:\.\d+)?)/)) as [string[], string[]];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [p = '', q = ''] = [x[i], y[i]];
    // Odd parts are numbers, even ones the text between them.
    if (i % 2 === 1 && p !== '' && q !== '' && Number(p) !== Number(q)) return Number(p) - Number(q);
    if (i % 2 === 0 && p !== q) return p < q ? -1 : 1;
  }
  return x.length - y.length;
}

/** @param optional whether a folder that is missing counts as empty */
async function subfolders(root: string, optional: boolean): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries.filter((entry) => !entry.isFile() && !isDropping(entry.name)).map(({ name }) => name);
  } catch (cause) {
    if (!['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    if (optional) return [];
    fail('E_ADAPTOR', {
      where: root,
      expected: 'a folder with an adaptor in each subfolder',
      got: 'no such folder',
      todo: 'Give the folder that holds them, or a checkpoint.',
      cause,
    });
  }
}
