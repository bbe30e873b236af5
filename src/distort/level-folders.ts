import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, GearnnError } from '../common/errors.js';
import { parseLevel } from './level.js';

/** A level as it is written everywhere: `jpeg=010` is `jpeg=10`. What is no level, such as a mixture's name, stays as it is. */
export function canonicalLevel(text: string): string {
  try {
    return parseLevel(text).text;
  } catch (error) {
    if (error instanceof GearnnError) return text;
    throw error;
  }
}

/**
 * Makes sure that folders named by levels say which is meant: of `jpeg=10` and `jpeg=010` one would be passed over, and so would one that
 * is written in another way than programs look for it.
 *
 * @param levels in their canonical writing; others are not looked at
 * @throws E_USAGE naming the folders
 */
export async function levelFolders(root: string, levels: readonly string[]): Promise<void> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const found = new Map<string, string[]>();
  for (const entry of entries) {
    if (entry.isFile() || !entry.name.includes('=')) continue;
    const level = canonicalLevel(entry.name);
    found.set(level, [...(found.get(level) ?? []), entry.name]);
  }
  for (const level of levels) {
    const names = found.get(level)?.sort() ?? [];
    if (names.length === 0 || (names.length === 1 && names[0] === level)) continue;
    fail('E_USAGE', {
      where: root,
      expected: `one folder for ${level}, of that name`,
      got: names.map((name) => join(root, name)).join(' and '),
      todo: names.length > 1 ? 'Move one of them elsewhere.' : `Rename it to ${level}.`,
    });
  }
}

/**
 * Levels that were asked for, in their canonical writing, each once.
 *
 * @param where the option or field, for messages
 * @throws E_DISTORT_LEVEL for a level that is none, and for one that is asked for in two writings or twice
 */
export function distinctLevels(texts: readonly string[], where: string): string[] {
  const known = new Map<string, string>();
  for (const text of texts) {
    const level = parseLevel(text).text;
    const twin = known.get(level);
    if (twin !== undefined) {
      fail('E_DISTORT_LEVEL', {
        where,
        expected: 'each level once',
        got: twin === text ? `${text} twice` : `${twin} and ${text}, which are both ${level}`,
        todo: 'Leave one out.',
      });
    }
    known.set(level, text);
  }
  return [...known.keys()];
}
