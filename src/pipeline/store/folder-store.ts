import { join } from 'node:path';
import { makeFolder } from '../../common/folders.js';
import type { Identity } from '../identity.js';
import type { Stamp } from '../stamp.js';
import { FolderWriter } from './folder-writer.js';
import { Watch } from './lease.js';
import { LeaseFile } from './lease-file.js';
import { Leftovers } from './leftovers.js';
import { nameOf } from './name.js';
import { firstDamage, readStamp } from './result-files.js';
import { Shelf } from './shelf.js';
import { isHeld, type BeginOptions, type Held, type StepWriter, type Store, type Stored } from './store.js';

/**
 * Results in a folder each, `DIR/steps/KIND-KEY/`; all machines that share them see the folder. A writer's own folder is
 * `KIND-KEY.WRITER/`, and its lease `KIND-KEY.lease`.
 */
export class FolderStore implements Store {
  private readonly root: string;
  private readonly shelf: Shelf;
  private readonly watch = new Watch();
  private readonly leftovers: Leftovers;

  constructor(readonly place: string) {
    this.root = join(place, 'steps');
    this.shelf = new Shelf(this.root);
    this.leftovers = new Leftovers(this.root, this.shelf);
  }

  async find(identity: Identity): Promise<Stored> {
    const own = join(this.root, nameOf(identity));
    const found = await whole(own);
    if (found.stamp) return { state: 'cached', stamp: found.stamp };
    const former = await this.formerResult(identity);
    if (former) return { state: 'cached', stamp: former.stamp };
    const interrupted = !found.damaged && (await this.leftovers.has(identity, nameOf(identity)));
    return { state: 'missing', interrupted, ...(found.damaged !== undefined && { damaged: found.damaged }) };
  }

  async latest({ id, kind }: Identity): Promise<Stamp | undefined> {
    const results = await this.shelf.results();
    return results.map(([, stamp]) => stamp).find(({ step }) => step.id === id && step.kind === kind);
  }

  async locationOf(identity: Identity): Promise<string> {
    const own = join(this.root, nameOf(identity));
    if ((await whole(own)).stamp) return own;
    return (await this.formerResult(identity))?.folder ?? own;
  }

  async folderOf(identity: Identity): Promise<string> {
    const own = join(this.root, nameOf(identity));
    if (await readStamp(own)) return own;
    const former = await this.formerResult(identity);
    if (former) return former.folder;
    throw new Error(`${this.place} has no result of "${identity.id}"`);
  }

  async begin(identity: Identity, options: BeginOptions): Promise<StepWriter | Held> {
    await makeFolder(this.root);
    const name = nameOf(identity);
    const lease = await LeaseFile.take(join(this.root, `${name}.lease`), options, this.watch);
    if (isHeld(lease)) return lease;
    try {
      const { folder, resuming } = await this.leftovers.takeUp(identity, name, options);
      return new FolderWriter({ identity, folder, resuming, target: join(this.root, name), lease });
    } catch (error) {
      await lease.release();
      throw error;
    }
  }

  /** A result that an earlier version of gearnn filed under another name. */
  private async formerResult(identity: Identity): Promise<{ folder: string; stamp: Stamp } | undefined> {
    const { finished } = await this.shelf.former(identity, nameOf(identity));
    for (const name of finished) {
      const folder = join(this.root, name);
      const { stamp } = await whole(folder);
      if (stamp) return { folder, stamp };
    }
    return undefined;
  }
}

/** The stamp of a folder all of whose files are there, or what is amiss. */
async function whole(folder: string): Promise<{ stamp?: Stamp; damaged?: string }> {
  const stamp = await readStamp(folder);
  const damaged = stamp && (await firstDamage(folder, stamp));
  return damaged === undefined ? { stamp } : { damaged };
}
