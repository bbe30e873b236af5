import { readdir } from 'node:fs/promises';
import { isDropping } from '../common/droppings.js';

/**
 * Names in a folder, but for what file managers leave there, sorted by code point, so that every machine sees the same order; undefined if there is no such folder.
 *
 * @param type only folders, or only files
 */
export async function listFolder(path: string, type: 'folders' | 'files'): Promise<string[] | undefined> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter(({ name }) => !isDropping(name))
      .filter((entry) => entry.isSymbolicLink() || entry.isDirectory() === (type === 'folders'))
      .map(({ name }) => name)
      .sort((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
