import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJsonAtomic } from '../../common/files.js';
import type { Identity } from '../identity.js';
import type { Stamp } from '../stamp.js';
import type { LeaseFile } from './lease-file.js';
import { publishFolder } from './publish-folder.js';
import { RELEASED, STAMP, syncFiles } from './result-files.js';
import type { StepWriter } from './store.js';

interface FolderWriterOptions {
  identity: Identity;
  folder: string;
  resuming: boolean;
  /** Where the result will be. */
  target: string;
  lease: LeaseFile;
}

/** Makes a result in a folder beside its place, which takes the name of that place when it is whole. */
export class FolderWriter implements StepWriter {
  readonly identity: Identity;
  readonly folder: string;
  readonly resuming: boolean;
  private readonly target: string;
  private readonly lease: LeaseFile;

  constructor({ identity, folder, resuming, target, lease }: FolderWriterOptions) {
    this.identity = identity;
    this.folder = folder;
    this.resuming = resuming;
    this.target = target;
    this.lease = lease;
  }

  renew(): Promise<void> {
    return this.lease.renew();
  }

  /** The folder lies in the store as it is. */
  async checkpoint(): Promise<void> {}

  async publish(stamp: Stamp): Promise<Stamp> {
    await this.lease.renew();
    await syncFiles(this.folder, Object.keys(stamp.files));
    await writeJsonAtomic(join(this.folder, STAMP), stamp);
    await this.lease.renew();
    const published = await publishFolder(this.folder, this.target, stamp);
    await this.lease.release();
    return published;
  }

  async release(): Promise<void> {
    // For the next one, which otherwise has to take this writer for one that may come back. A full disk has no room for it.
    await writeFile(join(this.folder, RELEASED), '').catch(() => undefined);
    await this.lease.release();
  }

  async discard(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await this.lease.release();
  }
}
