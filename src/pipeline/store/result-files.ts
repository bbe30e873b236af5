import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../common/files.js';
import { STARTED } from '../../common/started.js';
import { naming } from '../../common/system-error.js';
import { readText } from '../../common/text-file.js';
import type { Machine } from '../../engine/machine.js';
import type { Json, StepResult } from '../graph.js';
import type { Identity } from '../identity.js';
import { type Stamp, stampSchema } from '../stamp.js';

/** Written last: a folder with this file holds a result. */
export const STAMP = 'stamp.json';

/** Says that a folder's writer is done with it, though not to the end. */
export const RELEASED = 'released';

/** How many files are opened at once. */
const AT_ONCE = 16;

/** How a step was run. */
export interface StepRun {
  seconds: number;
  machine?: Machine;
  /** Of the engine. */
  threads?: number;
}

/** The stamp of what a step made in a folder. */
export async function stampOf(
  identity: Identity,
  folder: string,
  { output, notes = null }: StepResult,
  { seconds, machine, threads }: StepRun,
): Promise<Stamp> {
  return stampSchema.parse({
    format: 'gearnn-step',
    version: 2,
    step: identity,
    finished: new Date().toISOString(),
    seconds,
    machine,
    threads,
    output: JSON.parse(JSON.stringify(output)) as Json,
    notes: JSON.parse(JSON.stringify(notes)) as Json,
    files: await sizesOf(folder),
  });
}

/** Of the files that a step made in a folder, by path with `/`. */
export async function sizesOf(folder: string): Promise<Record<string, number>> {
  const paths = (await readdir(folder, { recursive: true }))
    .filter((path) => ![STARTED, STAMP, RELEASED].includes(path))
    .sort();
  const files = await Promise.all(paths.map(async (path) => ({ path, stats: await stat(join(folder, path)) })));
  return Object.fromEntries(
    files.filter(({ stats }) => stats.isFile()).map(({ path, stats }) => [path.replaceAll('\\', '/'), stats.size]),
  );
}

/** The stamp in a folder; undefined where there is none, or none that this version reads: the step then runs again. */
export async function readStamp(folder: string): Promise<Stamp | undefined> {
  try {
    return stampSchema.safeParse(JSON.parse(await readText(join(folder, STAMP)))).data;
  } catch {
    return undefined;
  }
}

/** The first file of a result that is gone or of another size. */
export async function firstDamage(folder: string, { files }: Stamp): Promise<string | undefined> {
  for (const [path, size] of Object.entries(files)) {
    const now = await stat(join(folder, path)).catch(() => undefined);
    if (now?.size !== size) return path;
  }
  return undefined;
}

/** Has the disk hold all files of a folder, so that a power cut cannot lose what is said to be there. */
export async function syncFiles(folder: string, paths: readonly string[]): Promise<void> {
  await eachOf(paths, async (name) => {
    const path = join(folder, name);
    const file = await open(path, 'r');
    await naming(path, () => file.sync())
      .catch((error: NodeJS.ErrnoException) => {
        // Windows syncs what may be written alone.
        if (error.code !== 'EPERM') throw error;
      })
      .finally(() => file.close());
  });
  await syncFolder(folder);
}

/** Acts on each of a list, several at a time. */
export async function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) await act(items[next++]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
