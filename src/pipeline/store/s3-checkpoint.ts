import { randomBytes } from 'node:crypto';
import type { Bucket } from '../../common/bucket.js';
import { download, upload, type Sizes } from '../../common/bucket-files.js';
import { sizesOf } from './result-files.js';

/** What an interrupted step left in a bucket: files under a prefix of their own, and an object that names them, written last. */
export class S3Checkpoint {
  /** @param name of the step's result */
  constructor(
    private readonly bucket: Bucket,
    private readonly name: string,
  ) {}

  async exists(): Promise<boolean> {
    return (await this.read()) !== undefined;
  }

  /** Keeps what a folder holds in the place of what was kept before. */
  async keep(folder: string): Promise<void> {
    const before = await this.read();
    const files = await sizesOf(folder);
    const prefix = `checkpoints/${this.name}/${randomBytes(6).toString('hex')}/`;
    await upload(this.bucket, folder, files, prefix);
    await this.bucket.put(this.key, JSON.stringify({ prefix, files }));
    if (before) await this.bucket.removeAll(before.prefix);
  }

  /** @returns whether the folder holds it now */
  async bring(folder: string): Promise<boolean> {
    const kept = await this.read();
    return kept !== undefined && (await download(this.bucket, kept.prefix, kept.files, folder)) === undefined;
  }

  async remove(): Promise<void> {
    await this.bucket.remove(this.key);
    await this.bucket.removeAll(`checkpoints/${this.name}/`);
  }

  private get key(): string {
    return `checkpoints/${this.name}.json`;
  }

  private async read(): Promise<{ prefix: string; files: Sizes } | undefined> {
    const object = await this.bucket.get(this.key);
    return object && (JSON.parse(Buffer.from(object.content).toString()) as { prefix: string; files: Sizes });
  }
}
