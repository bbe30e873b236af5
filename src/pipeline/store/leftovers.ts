import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../common/folders.js';
import { isGoneFrom, writeStarted } from '../../common/started.js';
import type { Identity } from '../identity.js';
import { publishFolder } from './publish-folder.js';
import { firstDamage, readStamp, RELEASED, STAMP } from './result-files.js';
import type { Shelf } from './shelf.js';
import type { BeginOptions } from './store.js';

/** Milliseconds after which a folder that nobody has written to is nobody's. */
const QUIET = 3_600_000;

/** A writer's folder. */
interface Leftover {
  folder: string;
  /** When anything in it was last written, by the clock of the file system. */
  written: number;
  /** Whether its writer is surely not going to write to it any more. */
  left: boolean;
}

/** Folders of writers that did not come to the end. */
export class Leftovers {
  private swept = false;

  constructor(
    private readonly root: string,
    private readonly shelf: Shelf,
  ) {}

  /** Whether there is one of a step, whose result would be of this name. */
  async has(identity: Identity, name: string): Promise<boolean> {
    const names = await this.shelf.names();
    if (names.some((other) => isWriters(other, name))) return true;
    return (await this.shelf.former(identity, name)).interrupted.length > 0;
  }

  /**
   * A folder for a writer who holds the lease, with what the last one left; that one's own where it will not come back to it, otherwise a
   * copy. What was left whole, all but its name, is published.
   */
  async takeUp(
    identity: Identity,
    name: string,
    { owner, fresh = false }: BeginOptions,
  ): Promise<{ folder: string; resuming: boolean }> {
    const folder = join(this.root, `${name}.${randomBytes(6).toString('hex')}`);
    const found = await this.ofStep(identity, name);
    if (!this.swept) await this.sweep();
    this.swept = true;
    const newest = found.shift();
    await Promise.all(found.map((other) => this.removeIfLeft(other)));
    const stamp = newest && (await readStamp(newest.folder));
    if (newest?.left && stamp && (await firstDamage(newest.folder, stamp)) === undefined) {
      await publishFolder(newest.folder, join(this.root, name), stamp);
    }
    const resuming = !fresh && newest !== undefined && (await moved(newest, folder));
    if (fresh && newest) await this.removeIfLeft(newest);
    if (!resuming) await makeFolder(folder);
    await rm(join(folder, STAMP), { force: true });
    await rm(join(folder, RELEASED), { force: true });
    await writeStarted(folder, { ...identity, owner });
    return { folder, resuming };
  }

  /** The newest first. */
  private async ofStep(identity: Identity, name: string): Promise<Leftover[]> {
    const names = (await this.shelf.names()).filter((other) => isWriters(other, name));
    const { interrupted } = await this.shelf.former(identity, name);
    const found = await Promise.all([...names, ...interrupted].map((other) => readLeftover(join(this.root, other))));
    return found.sort((a, b) => b.written - a.written);
  }

  /** Removes what nobody has a use for: folders of writers whose step has a result, and what was put aside to be removed. */
  private async sweep(): Promise<void> {
    const names = await this.shelf.names();
    const there = new Set(names);
    const useless = names.filter((name) => {
      if (name.endsWith('.old')) return true;
      const result = name.split('.')[0]!;
      return name !== result && !name.endsWith('.lease') && there.has(result) && !there.has(`${result}.lease`);
    });
    for (const name of useless) await this.removeIfLeft(await readLeftover(join(this.root, name)));
  }

  private async removeIfLeft({ folder, written, left }: Leftover): Promise<void> {
    if (left || (await this.now()) - written > QUIET) await rm(folder, { recursive: true, force: true });
  }

  /** The file system's clock. */
  private async now(): Promise<number> {
    const probe = join(this.root, `.${randomBytes(6).toString('hex')}.old`);
    await writeFile(probe, '');
    const { mtimeMs } = await stat(probe);
    await rm(probe);
    return mtimeMs;
  }
}

function isWriters(name: string, result: string): boolean {
  return name.startsWith(`${result}.`) && !name.endsWith('.lease');
}

async function readLeftover(folder: string): Promise<Leftover> {
  const paths = await readdir(folder, { recursive: true }).catch(() => []);
  const stats = await Promise.all(['', ...paths].map((path) => stat(join(folder, path)).catch(() => undefined)));
  const written = Math.max(0, ...stats.map((found) => found?.mtimeMs ?? 0));
  return { folder, written, left: existsSync(join(folder, RELEASED)) || (await isGoneFrom(folder)) };
}

/** Whether what was left lies in the folder now. */
async function moved({ folder, left }: Leftover, target: string): Promise<boolean> {
  try {
    if (left) await rename(folder, target);
    // Its writer may come back, and write to files that it has open.
    else await cp(folder, target, { recursive: true });
    return true;
  } catch {
    await rm(target, { recursive: true, force: true });
    return false;
  }
}
