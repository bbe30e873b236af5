import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder, temporaryPath } from '../../common/files.js';
import type { Stamp } from '../stamp.js';
import { firstDamage, readStamp } from './result-files.js';

/**
 * Gives a stamped folder the name of a result. Where there is one of that name already, that one stays, if it is whole.
 *
 * @returns the stamp of the result that is there then
 */
export async function publishFolder(folder: string, target: string, stamp: Stamp): Promise<Stamp> {
  for (;;) {
    try {
      await rename(folder, target);
      await syncFolder(dirname(target));
      return stamp;
    } catch (error) {
      const there = await readStamp(target);
      if (there && (await firstDamage(target, there)) === undefined) {
        await rm(folder, { recursive: true, force: true });
        return there;
      }
      // A name that is taken is EEXIST or ENOTEMPTY, or on Windows EPERM; anything else is not mended by making room.
      if (!['EEXIST', 'ENOTEMPTY', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await removeFolder(target, error);
    }
  }
}

/** Removes a damaged result; at once, as far as readers can see. */
async function removeFolder(target: string, cause: unknown): Promise<void> {
  const aside = temporaryPath(target, 'old');
  await rename(target, aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return;
    throw cause;
  });
  await rm(aside, { recursive: true, force: true });
}
