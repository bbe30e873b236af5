import { randomUUID } from 'node:crypto';
import type { Bucket } from '../../common/bucket.js';
import { fail } from '../../common/errors.js';
import { thisProcess } from '../../common/process.js';
import { holderOf, isOver, leaseText, type Holder, type Watch } from './lease.js';
import type { BeginOptions, Held } from './store.js';

/** A lease as an object: each write is on the condition that the object is still the one that this writer knows. */
export class S3Lease {
  private beat = 0;
  private tag = '';
  private renewing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly bucket: Bucket,
    private readonly key: string,
    private readonly own: Holder,
  ) {}

  /**
   * @param watch what the caller has seen of leases so far
   * @returns who holds it, where somebody does
   */
  static async take(
    bucket: Bucket,
    key: string,
    { owner, silence }: BeginOptions,
    watch: Watch,
  ): Promise<S3Lease | Held> {
    const own = { owner, silence, token: randomUUID(), process: await thisProcess() };
    const lease = new S3Lease(bucket, key, own);
    for (;;) {
      const there = await bucket.get(key);
      const text = there && Buffer.from(there.content).toString();
      if (text !== undefined && !(await isOver(key, text, watch))) return { holder: holderOf(text).owner };
      if (await lease.write(there ? { ifMatch: there.tag } : { ifNoneMatch: '*' })) return lease;
    }
  }

  /** @throws E_PIPELINE_LEASE_LOST */
  renew(): Promise<void> {
    this.renewing = this.renewing.catch(() => undefined).then(() => this.renewNow());
    return this.renewing;
  }

  async release(): Promise<void> {
    await this.renewing.catch(() => undefined);
    const there = await this.bucket.get(this.key);
    // Between the two nobody takes it: it was renewed a moment ago, or another's token is in it by now.
    if (there && holderOf(Buffer.from(there.content).toString()).token === this.own.token)
      await this.bucket.remove(this.key);
  }

  private async renewNow(): Promise<void> {
    this.beat++;
    if (await this.write({ ifMatch: this.tag })) return;
    const there = await this.bucket.get(this.key);
    const text = there && Buffer.from(there.content).toString();
    // The answer to an earlier renewal was lost on its way, though it was written.
    if (there && holderOf(text!).token === this.own.token) {
      this.tag = there.tag;
      return;
    }
    fail('E_PIPELINE_LEASE_LOST', {
      where: this.key,
      expected: `the lease to be held by ${this.own.owner}`,
      got: text === undefined ? 'nobody' : holderOf(text).owner,
      todo: 'Another one makes this result; nothing of this one is kept.',
    });
  }

  private async write(condition: { ifMatch: string } | { ifNoneMatch: '*' }): Promise<boolean> {
    const tag = await this.bucket.put(this.key, leaseText(this.own, this.beat), condition);
    if (tag === undefined) return false;
    this.tag = tag;
    return true;
  }
}
