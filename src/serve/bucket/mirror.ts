import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CALIBRATION } from '../../adaptor/calibration.js';
import { loadAdaptor } from '../../adaptor/file.js';
import { Bucket, isPassing, type Listed } from '../../common/bucket.js';
import { bring } from '../../common/bucket-files.js';
import { fail, GearnnError } from '../../common/errors.js';
import { settle } from '../../common/outcome.js';
import { isGoneFrom, writeStarted } from '../../common/started.js';
import { baseHash } from '../../models/base-hash.js';
import { type Found, foundIn } from './found.js';
import { checkSums, SUMS } from './sums.js';

/** Who hears of what a mirror cannot take. */
export interface MirrorEvents {
  /** Called once for each content of a folder that is no adaptor of the base; nothing changes then. */
  onRefused?(folder: string, error: Error): void;
  /** A folder that was refused is whole by now, or gone. */
  onMended?(folder: string): void;
  /** Called with why the bucket cannot be read, once for each reason, and without when it can again. */
  onReach?(error?: Error): void;
}

const NAME = 'gearnn-adaptors-';
/** Seconds. */
const PATIENCE = 10;

/**
 * The adaptors under a prefix of a bucket as folders of this machine, each of which appears, changes or goes whole: it was brought and read first,
 * its sums hold where it has some, and where it has none its objects were the same at two looks in a row. What is wrong, or cannot be
 * brought, leaves the folder that was there.
 */
export class BucketMirror {
  events: MirrorEvents = {};
  /** Why the bucket cannot be read, while it cannot. */
  private fault: Error | undefined;
  /** Signatures: of what lies here, of what was refused, of what the last look found. */
  private readonly taken = new Map<string, string>();
  private readonly refused = new Map<string, string>();
  private before: ReadonlyMap<string, string> | undefined;
  private isClosed = false;

  private constructor(
    readonly place: string,
    private readonly bucket: Bucket,
    /** Hash of the base. */
    private readonly base: string,
    private readonly root: string,
  ) {}

  /**
   * @param place `s3://BUCKET/PREFIX`
   * @param checkpoint folder of the base whose adaptors they are
   * @throws E_CHECKPOINT for a base that cannot be read; E_PIPELINE_STORE where the AWS client is not installed
   */
  static async open(place: string, checkpoint: string): Promise<BucketMirror> {
    const base = await baseHash(checkpoint);
    const bucket = await Bucket.at(place, { patience: PATIENCE });
    await sweep();
    const root = await mkdtemp(join(tmpdir(), NAME));
    await writeStarted(root);
    const mirror = new BucketMirror(place.replace(/\/+$/, ''), bucket, base, root);
    await mkdir(mirror.folder);
    return mirror;
  }

  /** Where the adaptors lie here. */
  get folder(): string {
    return join(this.root, 'adaptors');
  }

  /** Folders that are refused as they are. */
  get broken(): string[] {
    return [...this.refused.keys()];
  }

  /** Whether the bucket could be read at the last look. */
  get isReached(): boolean {
    return this.fault === undefined;
  }

  /** The first look: what is whole is taken. @throws E_PIPELINE_STORE where the bucket cannot be read */
  fill(): Promise<void> {
    return this.update();
  }

  /** One look more. Never fails: while the bucket cannot be read, all stays as it is. */
  async look(): Promise<void> {
    const done = await settle(() => this.update());
    if (this.isClosed) return;
    const fault = done instanceof Error ? done : undefined;
    if (fault?.message !== this.fault?.message) this.events.onReach?.(fault);
    this.fault = fault;
  }

  /** Removes what lies here; a look that is under way comes to nothing. */
  async close(): Promise<void> {
    this.isClosed = true;
    await rm(this.root, { recursive: true, force: true });
  }

  private async update(): Promise<void> {
    const listed = await this.bucket.list('');
    const found = foundIn(listed);
    const measured = listed.find(({ key }) => key === CALIBRATION);
    const now = new Map([...found].map(([name, { signature }]) => [name, signature]));
    if (measured) now.set(CALIBRATION, measured.tag);
    const before = this.before ?? now;
    this.before = now;
    const isSettled = (name: string): boolean => before.get(name) === now.get(name);
    for (const [name, one] of found) await this.follow(name, one, isSettled(name));
    if (isSettled(CALIBRATION)) await this.measure(measured);
    for (const name of [...this.taken.keys(), ...this.refused.keys()])
      if (name !== CALIBRATION && !now.has(name) && isSettled(name)) await this.letGo(name);
  }

  /** One folder of the bucket. */
  private async follow(name: string, found: Found, isSettled: boolean): Promise<void> {
    const { signature, isSummed } = found;
    if (this.taken.get(name) === signature) return this.mended(name);
    if (this.refused.get(name) === signature || !(isSettled || isSummed)) return;
    const fresh = join(this.root, 'new');
    await rm(fresh, { recursive: true, force: true });
    // Not where this is closed: its root is gone.
    await mkdir(fresh);
    const fault = await settle(() => this.bring(found, fresh));
    if (fault instanceof Error) {
      // The next look tries again: the network, or this machine's disk.
      if (isPassing(fault) || 'errno' in fault) throw fault;
      // Of what is still being uploaded nothing else is to be expected.
      if (isSettled) this.refuse(name, signature, toldOf(fault, fresh, `${this.place}/${name}`));
      return;
    }
    if (!fault) return;
    await this.replace(name, fresh);
    this.taken.set(name, signature);
    this.mended(name);
  }

  /** @returns whether it is all there; its objects may have changed meanwhile. @throws what is wrong with it */
  private async bring({ files, isSummed, missing }: Found, fresh: string): Promise<boolean> {
    if (missing !== undefined)
      fail('E_ADAPTOR', {
        where: fresh,
        expected: `${missing} beside ${[...files.keys()].join(', ')}`,
        got: 'no such object',
        todo: 'Upload the folder whole.',
      });
    for (const [file, { key, tag }] of files)
      if ((await bring(this.bucket, key, join(fresh, file), tag)) === undefined) return false;
    const names = [...files.keys()].filter((file) => file !== SUMS);
    if (isSummed) await checkSums(fresh, names);
    const { config } = await loadAdaptor(fresh);
    if (config.base !== this.base)
      fail('E_ADAPTOR_BASE_MISMATCH', {
        where: fresh,
        expected: `an adaptor of the base that is served, ${this.base}`,
        got: `one of the base ${config.base}`,
        todo: 'Train it again from this base, or serve the other one.',
      });
    return true;
  }

  /** Puts a folder in the place of one that is there: for a moment there is none, never a part. */
  private async replace(name: string, fresh: string): Promise<void> {
    await this.remove(name);
    await rename(fresh, join(this.folder, name));
  }

  private async remove(name: string): Promise<void> {
    const old = join(this.root, 'old');
    await rm(old, { recursive: true, force: true });
    await rename(join(this.folder, name), old).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rm(old, { recursive: true, force: true });
  }

  private async letGo(name: string): Promise<void> {
    this.mended(name);
    if (this.taken.delete(name)) await this.remove(name);
  }

  /** The file of what was measured, after the adaptors that it is of. */
  private async measure(object: Listed | undefined): Promise<void> {
    if (this.taken.get(CALIBRATION) === object?.tag) return;
    const target = join(this.folder, CALIBRATION);
    if (!object) {
      await rm(target, { force: true });
      this.taken.delete(CALIBRATION);
      return;
    }
    const fresh = join(this.root, CALIBRATION);
    if ((await bring(this.bucket, CALIBRATION, fresh, object.tag)) === undefined) return;
    await rename(fresh, target);
    this.taken.set(CALIBRATION, object.tag);
  }

  private refuse(name: string, signature: string, error: Error): void {
    this.refused.set(name, signature);
    this.events.onRefused?.(name, error);
  }

  private mended(name: string): void {
    if (this.refused.delete(name)) this.events.onMended?.(name);
  }
}

/** An error that names the place in the bucket, where the file's here says nothing to anybody. */
function toldOf(error: Error, folder: string, place: string): Error {
  if (!(error instanceof GearnnError)) return error;
  const { where, ...rest } = error.parts;
  return new GearnnError(error.code, { ...rest, where: where.replace(folder, place), cause: error });
}

/** Removes what killed servers have left. */
async function sweep(): Promise<void> {
  const names = await readdir(tmpdir());
  for (const folder of names.filter((name) => name.startsWith(NAME)).map((name) => join(tmpdir(), name)))
    if (await isGoneFrom(folder)) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}
