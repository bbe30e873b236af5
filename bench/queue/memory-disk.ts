import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A small file system in memory, on a folder. */
export interface MemoryDisk {
  /** Leaves no byte free. */
  fill(): void;
  /** Makes room again. */
  empty(): Promise<void>;
  unmount(): void;
}

/** @returns undefined where this process may mount none: only root of Linux may */
export function mountMemoryDisk(folder: string, size: string): MemoryDisk | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
  if (mounted.status !== 0) return undefined;
  const filler = join(folder, 'filler');
  return {
    fill: () => void spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k'], { stdio: 'ignore' }),
    empty: () => rm(filler, { force: true }),
    unmount: () => void spawnSync('umount', [folder]),
  };
}
