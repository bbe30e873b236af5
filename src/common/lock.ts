import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './process.js';

/** The holder shows every few seconds that it lives; after a minute of silence its lock counts for nothing. */
const BEAT = 5_000;
const SILENCE = 60_000;

export interface LockOptions {
  /** Seconds to wait for another holder. */
  patience: number;
  /** Called once if another process holds the lock. */
  onWait?: (holder: string) => void;
  /** Called with the holder when patience is at its end; throws what that means to the user. */
  onBusy: (holder: string) => never;
}

interface Holder {
  pid: number;
  host: string;
  token: string;
}

/**
 * Runs `work` while no other process does so under the same lock file. A holder that died (`kill -9`) is recognized by its process id on
 * the same machine, by its silence on another.
 *
 * @throws what `onBusy` throws after `patience` seconds
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { patience, onWait, onBusy }: LockOptions,
): Promise<T> {
  const own: Holder = { pid: process.pid, host: hostname(), token: randomUUID() };
  await mkdir(dirname(path), { recursive: true });
  const deadline = Date.now() + patience * 1000;
  for (let waited = false; !(await take(path, own)); await sleep(250)) {
    const holder = await readHolder(path);
    if (holder === null) continue;
    if (await isDead(path, holder)) {
      await rm(path, { force: true });
      continue;
    }
    const name = `process ${holder.pid} on ${holder.host}`;
    if (!waited) onWait?.(name);
    waited = true;
    if (Date.now() >= deadline) onBusy(name);
  }
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), BEAT);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await readHolder(path))?.token === own.token) await rm(path, { force: true });
  }
}

async function take(path: string, own: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(JSON.stringify(own)).finally(() => file.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** null where the lock is gone or being written at this moment. */
async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    return (await isSilent(path)) ? { pid: 0, host: '', token: '' } : null;
  }
}

async function isDead(path: string, holder: Holder): Promise<boolean> {
  if (holder.host === hostname() && !isRunning(holder.pid)) return true;
  return isSilent(path);
}

async function isSilent(path: string): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > SILENCE,
    () => false,
  );
}
