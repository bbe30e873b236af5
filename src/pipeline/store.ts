import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, writeJsonAtomic } from '../common/files.js';
import type { Machine } from '../engine/machine.js';
import type { Json, StepResult } from './graph.js';
import { differences, type Identity, addressOf } from './identity.js';
import { StepRecord } from './record.js';
import { type Stamp, stampSchema } from './stamp.js';
import { readText } from '../common/text-file.js';
import { makeFolder } from '../common/folders.js';

/** Written when a step begins: a folder with this file alone is that of an interrupted step. */
const STARTED = 'started.json';
/** Written last: a folder with this file holds a result. */
const STAMP = 'stamp.json';

/** What the store has for a step. */
export type Found =
  | { state: 'cached'; stamp: Stamp }
  /** Only the record knows of it; `interrupted`: a run of it that did not end can go on. */
  | { state: 'recorded'; stamp: Stamp; interrupted: boolean }
  | { state: 'missing'; interrupted: boolean; why: string };

/** Results of steps, in a folder each: `WORK/steps/KIND-KEY/`. */
export class Store {
  private readonly root: string;

  /** @param record results of steps whose files need not be here */
  constructor(
    work: string,
    private readonly record = new StepRecord(),
  ) {
    this.root = join(work, 'steps');
  }

  folderOf(identity: Identity): string {
    return join(this.root, `${identity.kind}-${addressOf(identity).slice(0, 16)}`);
  }

  /** Looks for a step's result; a folder whose files have changed since counts as none. */
  async find(identity: Identity): Promise<Found> {
    const folder = this.folderOf(identity);
    const stamp = await readStamp(folder);
    const damaged = stamp && (await firstDamage(folder, stamp));
    if (stamp && damaged === undefined) return { state: 'cached', stamp };
    const interrupted = !stamp && existsSync(join(folder, STARTED));
    const recorded = this.record.find(identity);
    if (recorded) return { state: 'recorded', stamp: recorded, interrupted };
    if (damaged !== undefined) return { state: 'missing', interrupted, why: `${damaged} is gone or changed` };
    if (interrupted) return { state: 'missing', interrupted, why: 'it did not end' };
    const before = await this.latest(identity);
    return { state: 'missing', interrupted, why: before ? differences(before, identity) : 'it never ran' };
  }

  /** Makes a step's folder ready: as it was left where `resume` is set, empty otherwise. */
  async begin(identity: Identity, resume: boolean): Promise<string> {
    const folder = this.folderOf(identity);
    if (!resume) await rm(folder, { recursive: true, force: true });
    await makeFolder(folder);
    await writeJsonAtomic(join(folder, STARTED), { ...identity, started: new Date().toISOString() });
    return folder;
  }

  /**
   * Has the files of a recorded step written anew, and takes them for its result if `write` says they are and their sizes are as recorded.
   *
   * @returns whether that is so; the folder is gone otherwise
   */
  async restore(recorded: Stamp, write: (folder: string) => Promise<boolean>): Promise<boolean> {
    const folder = await this.begin(recorded.step, false);
    if ((await write(folder)) && canonicalJson(await sizesOf(folder)) === canonicalJson(recorded.files)) {
      await writeJsonAtomic(join(folder, STAMP), recorded);
      return true;
    }
    await rm(folder, { recursive: true });
    return false;
  }

  /** Stamps a folder as a result. */
  async finish(
    identity: Identity,
    { output, notes = null }: StepResult,
    { seconds, machine }: { seconds: number; machine?: Machine },
  ): Promise<Stamp> {
    const folder = this.folderOf(identity);
    const stamp = stampSchema.parse({
      format: 'gearnn-step',
      version: 1,
      step: identity,
      finished: new Date().toISOString(),
      seconds,
      machine,
      output: JSON.parse(JSON.stringify(output)) as Json,
      notes: JSON.parse(JSON.stringify(notes)) as Json,
      files: await sizesOf(folder),
    });
    await writeJsonAtomic(join(folder, STAMP), stamp);
    return stamp;
  }

  /** The newest earlier result of a step of the same id; the record's where there is none here. */
  private async latest({ id, kind }: Identity): Promise<Identity | undefined> {
    const names = await readdir(this.root).catch(() => []);
    const folders = names.filter((name) => name.startsWith(`${kind}-`));
    const stamps = await Promise.all(folders.map((name) => readStamp(join(this.root, name))));
    const own = stamps.filter((stamp) => stamp?.step.id === id).sort((a, b) => (a!.finished < b!.finished ? 1 : -1));
    return (own.at(0) ?? this.record.latest(id))?.step;
  }
}

/** undefined where there is none, or none that this version reads: the step then runs again. */
async function readStamp(folder: string): Promise<Stamp | undefined> {
  try {
    return stampSchema.safeParse(JSON.parse(await readText(join(folder, STAMP)))).data;
  } catch {
    return undefined;
  }
}

async function firstDamage(folder: string, { files }: Stamp): Promise<string | undefined> {
  for (const [path, size] of Object.entries(files)) {
    const now = await stat(join(folder, path)).catch(() => undefined);
    if (now?.size !== size) return path;
  }
  return undefined;
}

/** Of the files that a step made, by path. */
async function sizesOf(folder: string): Promise<Record<string, number>> {
  const paths = (await readdir(folder, { recursive: true }))
    .filter((path) => path !== STARTED && path !== STAMP)
    .sort();
  const files = await Promise.all(paths.map(async (path) => ({ path, stats: await stat(join(folder, path)) })));
  return Object.fromEntries(files.filter(({ stats }) => stats.isFile()).map(({ path, stats }) => [path, stats.size]));
}
