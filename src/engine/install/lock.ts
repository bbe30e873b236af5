import { join } from 'node:path';
import { fail } from '../../common/errors.js';
import { withLock as withLockFile } from '../../common/lock.js';
import { type Progress } from '../../common/progress.js';
import { enginesFolder } from './home.js';

export interface LockOptions {
  /** Seconds to wait for another holder. */
  patience?: number;
  /** Called once if another process holds the lock. */
  onWait?: (holder: string) => void;
}

/**
 * Runs `work` while no other process on this cache folder does. The lock saves double work and is not what keeps the cache whole: an
 * installation has a folder of its own until one rename puts it in place.
 *
 * @throws E_ENGINE_LOCKED after `patience` seconds
 */
export function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { patience = 1800, onWait }: LockOptions = {},
): Promise<T> {
  const onBusy = (holder: string): never =>
    fail('E_ENGINE_LOCKED', {
      where: path,
      expected: `another installation to end within ${patience} s`,
      got: `${holder} still at it`,
      todo: 'End that process and run the same command again.',
    });
  return withLockFile(path, work, { patience, onWait, onBusy });
}

/** As {@link withLock}, with the lock of a cache folder and a line of progress where another process holds it. */
export function withHomeLock<T>(home: string, work: () => Promise<T>, progress?: Progress): Promise<T> {
  const onWait = (holder: string): void =>
    progress?.({ task: `wait for ${holder}`, done: 0, total: 1, unit: 'installations' });
  return withLock(join(enginesFolder(home), '.lock'), work, { onWait });
}
