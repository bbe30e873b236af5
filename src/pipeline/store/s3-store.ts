import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Bucket } from '../../common/bucket.js';
import { download, firstMissing } from '../../common/bucket-files.js';
import { makeFolder } from '../../common/folders.js';
import type { Identity } from '../identity.js';
import type { Stamp } from '../stamp.js';
import { Watch } from './lease.js';
import { nameOf } from './name.js';
import { firstDamage } from './result-files.js';
import { S3Checkpoint } from './s3-checkpoint.js';
import { S3Lease } from './s3-lease.js';
import { S3Stamps, type Published } from './s3-stamps.js';
import { S3Writer } from './s3-writer.js';
import { Scratch } from './scratch.js';
import { isHeld, type BeginOptions, type Held, type StepWriter, type Store, type Stored } from './store.js';
import { takePlace } from './take-place.js';

/**
 * Results in a bucket: `stamps/NAME.json` says that there is one and where its files are, `files/NAME/WRITER/`; leases and what
 * interrupted steps left lie beside them. The server has to know conditional writes (`If-None-Match`, `If-Match`).
 */
export class S3Store implements Store {
  private readonly stamps: S3Stamps;
  private readonly watch = new Watch();
  /** Results all of whose files were there when this process looked. */
  private readonly whole = new Set<string>();
  private readonly scratch: Scratch;

  private constructor(
    readonly place: string,
    private readonly bucket: Bucket,
    /** Folder of this machine for files of results, and for those of steps at work. */
    private readonly local: string,
  ) {
    this.stamps = new S3Stamps(bucket);
    this.scratch = new Scratch(join(local, 'own'));
  }

  /**
   * @param place `s3://BUCKET/PREFIX`
   * @throws E_PIPELINE_STORE
   */
  static async open(place: string, local: string): Promise<S3Store> {
    return new S3Store(place, await Bucket.at(place), local);
  }

  async find(identity: Identity): Promise<Stored> {
    const name = nameOf(identity);
    const found = await this.stamps.find(name);
    const damaged = found && (await this.damage(name, found));
    if (found && damaged === undefined) return { state: 'cached', stamp: found.stamp };
    if (damaged !== undefined) return { state: 'missing', interrupted: false, damaged };
    return { state: 'missing', interrupted: await new S3Checkpoint(this.bucket, name).exists() };
  }

  async latest({ id, kind }: Identity): Promise<Stamp | undefined> {
    const stamps = await this.stamps.ofKind(kind);
    return stamps.filter(({ step }) => step.id === id).sort((a, b) => (a.finished < b.finished ? 1 : -1))[0];
  }

  async locationOf(identity: Identity): Promise<string> {
    const name = nameOf(identity);
    return `${this.place}/${(await this.stamps.find(name))?.prefix ?? `files/${name}/`}`;
  }

  async folderOf(identity: Identity): Promise<string> {
    const name = nameOf(identity);
    const found = await this.stamps.find(name, true);
    if (!found) throw new Error(`${this.place} has no result of "${identity.id}"`);
    const folder = join(this.local, found.prefix);
    if ((await firstDamage(folder, found.stamp)) === undefined) {
      await makeFolder(folder);
      return folder;
    }
    const fresh = await this.scratch.make(name);
    try {
      const amiss = await download(this.bucket, found.prefix, found.stamp.files, fresh);
      if (amiss !== undefined) {
        this.stamps.forget(name);
        this.whole.delete(found.prefix);
        throw new Error(`${this.place} has no whole ${amiss} of "${identity.id}"`);
      }
      await takePlace(fresh, folder, found.stamp);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
    return folder;
  }

  async begin(identity: Identity, options: BeginOptions): Promise<StepWriter | Held> {
    const { bucket } = this;
    const name = nameOf(identity);
    const lease = await S3Lease.take(bucket, `leases/${name}.json`, options, this.watch);
    if (isHeld(lease)) return lease;
    const checkpoint = new S3Checkpoint(bucket, name);
    let folder = '';
    try {
      // Whoever has the lease has to know what was published before that.
      await this.stamps.find(name, true);
      folder = await this.scratch.make(name);
      const resuming = !options.fresh && (await checkpoint.bring(folder));
      if (!resuming) {
        await rm(folder, { recursive: true, force: true });
        folder = await this.scratch.make(name);
      }
      return new S3Writer({ ...{ identity, folder, resuming, name, bucket, lease, checkpoint, local: this.local } });
    } catch (error) {
      if (folder !== '') await rm(folder, { recursive: true, force: true });
      await lease.release();
      throw error;
    }
  }

  private async damage(name: string, { prefix, stamp }: Published): Promise<string | undefined> {
    if (this.whole.has(prefix)) return undefined;
    const missing = await firstMissing(this.bucket, prefix, stamp.files);
    if (missing === undefined) this.whole.add(prefix);
    else this.stamps.forget(name);
    return missing;
  }
}
