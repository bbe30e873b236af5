import type { Bucket } from '../../common/bucket.js';
import { stampSchema, type Stamp } from '../stamp.js';
import { eachOf } from './result-files.js';

/** What stands for a result: its stamp, and where its files are. */
export interface Published {
  prefix: string;
  stamp: Stamp;
}

const FOLDER = 'stamps/';

/** @param name of the result */
export function stampKey(name: string): string {
  return `${FOLDER}${name}.json`;
}

/** @returns undefined where there is none, or none that this version reads: the step then runs again */
export async function readPublished(bucket: Bucket, name: string): Promise<(Published & { tag: string }) | undefined> {
  const object = await bucket.get(stampKey(name));
  if (!object) return undefined;
  const { prefix, stamp } = JSON.parse(Buffer.from(object.content).toString()) as { prefix: string; stamp: unknown };
  const { data } = stampSchema.safeParse(stamp);
  return data && { prefix, stamp: data, tag: object.tag };
}

/** Milliseconds for which a list of names is believed. */
const FRESH = 1000;

/** The results in a bucket: their names are listed for many steps at once, and each stamp is read once. */
export class S3Stamps {
  private readonly known = new Map<string, Published>();
  private names: { listed: Promise<Set<string>>; at: number } | undefined;

  constructor(private readonly bucket: Bucket) {}

  /** @param now look at the bucket itself, whatever was listed a moment ago */
  async find(name: string, now = false): Promise<Published | undefined> {
    if (!now && this.known.has(name)) return this.known.get(name);
    if (!now && !(await this.listed()).has(name)) return undefined;
    const found = await readPublished(this.bucket, name);
    if (found) this.known.set(name, found);
    return found;
  }

  forget(name: string): void {
    this.known.delete(name);
  }

  /** All of a kind. */
  async ofKind(kind: string): Promise<Stamp[]> {
    const names = [...(await this.listed())].filter((name) => name.startsWith(`${kind}-`));
    const found: Stamp[] = [];
    await eachOf(names, async (name) => {
      const published = await this.find(name);
      if (published) found.push(published.stamp);
    });
    return found;
  }

  private listed(): Promise<Set<string>> {
    const now = performance.now();
    if (!this.names || now - this.names.at > FRESH) {
      const listed = this.bucket
        .list(FOLDER)
        .then((objects) => new Set(objects.map(({ key }) => key.slice(FOLDER.length).replace(/\.json$/, ''))));
      this.names = { listed, at: now };
    }
    return this.names.listed;
  }
}
