import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../common/folders.js';
import type { Stamp } from '../stamp.js';
import { firstDamage } from './result-files.js';

/** Puts a folder with a result's files where this machine keeps those; another process may have done so already. */
export async function takePlace(fresh: string, folder: string, stamp: Stamp): Promise<void> {
  await makeFolder(dirname(folder));
  try {
    await rename(fresh, folder);
  } catch (error) {
    const taken = ['EEXIST', 'ENOTEMPTY', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!taken) throw error;
    if ((await firstDamage(folder, stamp)) === undefined) return;
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  }
}
