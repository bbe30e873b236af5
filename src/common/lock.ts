import { randomUUID } from 'node:crypto';
import { link, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, startOf } from './process.js';
import { readText } from './text-file.js';
import { makeFolder } from './folders.js';
import { naming } from './system-error.js';

/**
 * The holder shows every few seconds that it lives, but not while it computes: a training step of large images takes minutes. After this
 * long a silence the lock of another machine's process counts for nothing.
 */
const BEAT = 5_000;
const SILENCE = 15 * 60_000;
/** A holder's name is written at once: a file without one that is this old was left by a process that died then. */
const NAMELESS = 60_000;

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
  /** When the process began, by its machine's own count; absent where the system does not tell. */
  started?: string;
}

/**
 * Runs `work` while no other process does so under the same lock file. A holder that died (`kill -9`) is recognized by its process on
 * the same machine, by its silence on another.
 *
 * @throws what `onBusy` throws after `patience` seconds
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { patience, onWait, onBusy }: LockOptions,
): Promise<T> {
  const own: Holder = { pid: process.pid, host: hostname(), token: randomUUID(), started: await startOf(process.pid) };
  await makeFolder(dirname(path));
  const deadline = Date.now() + patience * 1000;
  for (let waited = false; !(await take(path, own)); await sleep(250)) {
    const holder = await readHolder(path);
    if (holder === null) continue;
    if (await isDead(path, holder)) {
      await removeDead(path, holder, own);
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
    await naming(path, () => file.writeFile(JSON.stringify(own)).finally(() => file.close())).catch(async (error) => {
      await rm(path, { force: true });
      throw error;
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** null where the lock is gone or being written at this moment. */
async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readText(path)) as Holder;
  } catch {
    return (await isSilent(path, NAMELESS)) ? { pid: 0, host: '', token: '' } : null;
  }
}

async function isDead(path: string, { pid, host, started }: Holder): Promise<boolean> {
  if (pid === 0) return true;
  if (host !== hostname()) return isSilent(path, SILENCE);
  // Another process may have been given its id since.
  return !isRunning(pid) || (started !== undefined && started !== (await startOf(pid)));
}

/** Takes a dead holder's lock away; where another process was faster and holds it by now, that one keeps it. */
async function removeDead(path: string, dead: Holder, own: Holder): Promise<void> {
  const aside = `${path}.${own.token}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readHolder(aside);
  if (moved !== null && moved.token !== dead.token) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function isSilent(path: string, milliseconds: number): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > milliseconds,
    () => false,
  );
}
