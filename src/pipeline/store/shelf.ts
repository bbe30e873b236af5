import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { STARTED } from '../../common/started.js';
import { readText } from '../../common/text-file.js';
import { addressOf, identitySchema, type Identity } from '../identity.js';
import { presentIdentity } from '../migrate.js';
import type { Stamp } from '../stamp.js';
import { readStamp } from './result-files.js';

/** A folder of results, as far as its names and stamps go; each stamp is read once. */
export class Shelf {
  private readonly stamps = new Map<string, Stamp>();
  /** Of the stamps, by their folders' names: hashed once, as there may be thousands. */
  private readonly addresses = new Map<string, string>();

  constructor(private readonly root: string) {}

  /** All names in the folder. */
  names(): Promise<string[]> {
    return readdir(this.root).catch(() => []);
  }

  /** Results by their folders' names, the newest first. */
  async results(): Promise<[name: string, stamp: Stamp][]> {
    const names = (await this.names()).filter(isResult);
    await Promise.all(names.map((name) => this.read(name)));
    return names
      .flatMap((name): [string, Stamp][] => (this.stamps.has(name) ? [[name, this.stamps.get(name)!]] : []))
      .sort(([, a], [, b]) => (a.finished < b.finished ? 1 : -1));
  }

  /** Folders of other names that hold a result of this address, or began to: gearnn of before wrote them. */
  async former(identity: Identity, name: string): Promise<{ finished: string[]; interrupted: string[] }> {
    const address = addressOf(identity);
    const results = await this.results();
    const finished = results.filter(([own]) => own !== name && this.addresses.get(own) === address);
    const others = (await this.names()).filter(
      (own) => isResult(own) && own.startsWith(`${identity.kind}-`) && !this.stamps.has(own),
    );
    const begun = await Promise.all(others.map((own) => readStarted(join(this.root, own))));
    const interrupted = others.filter((_, i) => begun[i] && addressOf(begun[i]) === address);
    return { finished: finished.map(([own]) => own), interrupted };
  }

  private async read(name: string): Promise<void> {
    if (this.stamps.has(name)) return;
    const stamp = await readStamp(join(this.root, name));
    if (!stamp) return;
    this.stamps.set(name, stamp);
    this.addresses.set(name, addressOf(stamp.step));
  }
}

/** Names of results are `KIND-KEY`; those of leases and of writers' folders go on after a dot. */
function isResult(name: string): boolean {
  return !name.includes('.');
}

/** Which step a folder was begun for; undefined where it does not say. */
async function readStarted(folder: string): Promise<Identity | undefined> {
  try {
    const { id, kind, version, settings, inputs } = JSON.parse(await readText(join(folder, STARTED))) as Identity;
    return identitySchema.safeParse(presentIdentity({ id, kind, version, settings, inputs })).data;
  } catch {
    return undefined;
  }
}
