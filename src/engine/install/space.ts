import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail } from '../../common/errors.js';

/** Bytes that this user may still write on the disk that holds `folder`, which need not exist yet. */
export async function freeSpace(folder: string): Promise<number> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch (error) {
      // The nearest folder that tells is on the same disk, unless something is mounted between the two.
      if (dirname(at) === at) throw error;
    }
  }
}

/** @throws E_ENGINE_DISK if fewer than `needed` bytes are free, before anything is fetched */
export async function requireSpace(folder: string, needed: number, free: typeof freeSpace = freeSpace): Promise<void> {
  const available = await free(folder);
  if (available < needed) diskFull(folder, `${gigabytes(available)} free`, needed);
}

/** Throws that the disk is full, or too full. */
export function diskFull(folder: string, got: string, needed: number, cause?: unknown): never {
  return fail('E_ENGINE_DISK', {
    where: folder,
    expected: `${gigabytes(needed)} of free space`,
    got,
    todo: 'Free some, or set GEARNN_HOME to a folder on another disk, and run gearnn engine install again.',
    cause,
  });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Whole megabytes, for a progress bar. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
