import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bucket } from '../../common/bucket.js';
import { firstMissing, upload } from '../../common/bucket-files.js';
import type { Identity } from '../identity.js';
import type { Stamp } from '../stamp.js';
import type { S3Checkpoint } from './s3-checkpoint.js';
import type { S3Lease } from './s3-lease.js';
import { readPublished, stampKey, type Published } from './s3-stamps.js';
import type { StepWriter } from './store.js';
import { takePlace } from './take-place.js';

interface S3WriterOptions {
  identity: Identity;
  folder: string;
  resuming: boolean;
  /** Of the result. */
  name: string;
  bucket: Bucket;
  lease: S3Lease;
  checkpoint: S3Checkpoint;
  /** Folder of this machine for files of results. */
  local: string;
}

/** Makes a result in a folder of this machine; its files go under a prefix of the writer's own, so that those of two never mix. */
export class S3Writer implements StepWriter {
  readonly identity: Identity;
  readonly folder: string;
  readonly resuming: boolean;
  private readonly options: S3WriterOptions;
  /** A checkpoint at a time. */
  private keeping: Promise<void> = Promise.resolve();

  constructor(options: S3WriterOptions) {
    this.identity = options.identity;
    this.folder = options.folder;
    this.resuming = options.resuming;
    this.options = options;
  }

  renew(): Promise<void> {
    return this.options.lease.renew();
  }

  checkpoint(): Promise<void> {
    const keep = async (): Promise<void> => {
      await this.renew();
      await this.options.checkpoint.keep(this.folder);
    };
    this.keeping = this.keeping.catch(() => undefined).then(keep);
    return this.keeping;
  }

  async publish(stamp: Stamp): Promise<Stamp> {
    const { bucket, name, checkpoint, local } = this.options;
    await this.keeping.catch(() => undefined);
    await this.renew();
    const prefix = `files/${name}/${randomBytes(6).toString('hex')}/`;
    try {
      await upload(bucket, this.folder, stamp.files, prefix);
      await this.renew();
      const published = await this.stampIt({ prefix, stamp });
      // Nobody needs to bring here what was made here.
      if (published.prefix === prefix) await takePlace(this.folder, join(local, prefix), stamp);
      // Others' that did not get so far, or this one's.
      for (const { key } of await bucket.list(`files/${name}/`)) {
        if (!key.startsWith(published.prefix)) await bucket.remove(key);
      }
      await checkpoint.remove();
      await this.discard();
      return published.stamp;
    } catch (error) {
      // Not where it is the result already, and only tidying up failed.
      const there = await readPublished(bucket, name).catch(() => ({ prefix }));
      if (there?.prefix !== prefix) await bucket.removeAll(prefix).catch(() => undefined);
      throw error;
    }
  }

  async release(): Promise<void> {
    await this.discard();
  }

  async discard(): Promise<void> {
    await this.keeping.catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
    await this.options.lease.release();
  }

  /** Puts the stamp where there is none yet, or one whose files are not whole. @returns what is there then */
  private async stampIt(own: Published): Promise<Published> {
    const { bucket, name } = this.options;
    for (;;) {
      const there = await readPublished(bucket, name);
      if (there && (await firstMissing(bucket, there.prefix, there.stamp.files)) === undefined) return there;
      const condition = there ? { ifMatch: there.tag } : ({ ifNoneMatch: '*' } as const);
      if (await bucket.put(stampKey(name), JSON.stringify(own), condition)) return own;
    }
  }
}
