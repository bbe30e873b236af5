import { randomUUID } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { fail } from '../../common/errors.js';
import { temporaryPath } from '../../common/files.js';
import { thisProcess } from '../../common/process.js';
import { naming } from '../../common/system-error.js';
import { readText } from '../../common/text-file.js';
import type { BeginOptions, Held } from './store.js';
import { holderOf, isOver, leaseText, type Holder, type Watch } from './lease.js';

/** A lease as a file: who has put its name in first holds it. */
export class LeaseFile {
  private beat = 0;
  private renewing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly own: Holder,
  ) {}

  /**
   * @param watch what the caller has seen of leases so far
   * @returns who holds it, where somebody does
   */
  static async take(path: string, options: BeginOptions, watch: Watch): Promise<LeaseFile | Held> {
    const { owner, silence } = options;
    const lease = new LeaseFile(path, { owner, silence, token: randomUUID(), process: await thisProcess() });
    while (!(await lease.create())) {
      const text = await readText(path).catch(() => undefined);
      if (text === undefined) continue;
      if (!(await isOver(path, text, watch))) return { holder: holderOf(text).owner };
      await removeIf(path, (found) => found === text);
    }
    return lease;
  }

  /** @throws E_PIPELINE_LEASE_LOST */
  renew(): Promise<void> {
    // One after the other: two would write into each other.
    this.renewing = this.renewing.catch(() => undefined).then(() => this.renewNow());
    return this.renewing;
  }

  private async renewNow(): Promise<void> {
    const file = await open(this.path, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (!file) return this.lost('nobody');
    try {
      // All through one handle, so that a lease that another puts in its place meanwhile is not written to.
      const { token, owner } = holderOf(await naming(this.path, () => file.readFile('utf8')));
      if (token !== this.own.token) this.lost(owner);
      const text = Buffer.from(leaseText(this.own, ++this.beat));
      await naming(this.path, () => file.write(text, 0, text.length, 0));
    } finally {
      await file.close();
    }
  }

  async release(): Promise<void> {
    await this.renewing.catch(() => undefined);
    await removeIf(this.path, (text) => holderOf(text).token === this.own.token);
  }

  private async create(): Promise<boolean> {
    const file = await open(this.path, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (!file) return false;
    try {
      await naming(this.path, () => file.writeFile(leaseText(this.own, this.beat)));
    } catch (error) {
      await rm(this.path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  }

  private lost(owner: string): never {
    fail('E_PIPELINE_LEASE_LOST', {
      where: this.path,
      expected: `the lease to be held by ${this.own.owner}`,
      got: owner,
      todo: 'Another one makes this result; nothing of this one is kept.',
    });
  }
}

/** Takes a lease away, if it is the one that was meant; one that another has taken meanwhile is put back. */
async function removeIf(path: string, isMeant: (text: string) => boolean): Promise<void> {
  const aside = temporaryPath(path, 'old');
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (!isMeant(await readText(aside))) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}
