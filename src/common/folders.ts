import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing. In the place of Node's `recursive`, which asks for ever where the system says that a
 * folder is missing whose own folder is there, as `/proc` does.
 *
 * @throws the system's error: EEXIST where a file has the name
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) await makeFolder(above);
  try {
    await mkdir(path);
  } catch (error) {
    // Another process may have been faster.
    if (!(await isFolder(path))) throw error;
  }
}

/** As {@link makeFolder}, at once. */
export function makeFolderSync(path: string): void {
  if (isFolderSync(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolderSync(above);
  try {
    mkdirSync(path);
  } catch (error) {
    if (!isFolderSync(path)) throw error;
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function isFolderSync(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
