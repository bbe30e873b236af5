import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../common/folders.js';
import { isGoneFrom, writeStarted } from '../../common/started.js';

/** Milliseconds after which a folder is nobody's that nothing was written to, and whose writer's life cannot be known. */
const QUIET = 7 * 24 * 3_600_000;

/** Folders of this machine, each for one writer, for what is on its way to or from a bucket. */
export class Scratch {
  private swept: Promise<void> | undefined;

  constructor(private readonly root: string) {}

  /** A folder that nobody else writes to; its maker removes it, or else whoever makes the next one once the maker is gone. */
  async make(name: string): Promise<string> {
    await (this.swept ??= this.sweep());
    const folder = join(this.root, `${name}.${randomBytes(6).toString('hex')}`);
    await makeFolder(folder);
    await writeStarted(folder);
    return folder;
  }

  /** Removes what killed writers have left. Several machines may have one home folder: of another's process nobody here knows whether it lives. */
  private async sweep(): Promise<void> {
    for (const name of await readdir(this.root).catch(() => [])) {
      const folder = join(this.root, name);
      if ((await isGoneFrom(folder)) || Date.now() - (await lastWritten(folder)) > QUIET)
        await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** When anything in a folder was written last, by the clock of the file system. */
async function lastWritten(folder: string): Promise<number> {
  const paths = await readdir(folder, { recursive: true }).catch(() => []);
  const times = await Promise.all(
    ['', ...paths].map((path) =>
      stat(join(folder, path)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(...times);
}
