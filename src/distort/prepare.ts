import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { fail } from '../common/errors.js';
import { forEachParallel } from '../common/parallel.js';
import type { Progress } from '../common/progress.js';
import { explainSystemError, systemCode } from '../common/system-error.js';
import { failSplit } from '../data/checks.js';
import type { Dataset } from '../data/dataset.js';
import type { Huffman } from '../image/encode.js';
import { bringUpToDate, copiesOf, type Target } from './copy.js';
import { extensionOf } from './distort.js';
import { LevelFolder } from './level-folder.js';
import type { Level } from './level.js';
import type { Manifest } from './manifest.js';
import { planPaths } from './paths.js';
import { bringSequenceUpToDate, sequenceCopiesOf } from './sequence-copy.js';

export interface PrepareOptions {
  /** The clean dataset. */
  dataset: Dataset;
  levels: readonly Level[];
  /** Each level becomes the folder `OUT/LEVEL/`. */
  out: string;
  /** Default: all of the dataset's. Those that a folder holds from earlier runs are brought up to date as well. */
  splits?: readonly string[];
  /** Make again of these splits what is right already, and overwrite a copy of another dataset. */
  force?: boolean;
  /** Tables of the JPEG files that are written. Default: optimal, which makes them smaller. */
  huffman?: Huffman;
  /** Files under way at a time, and half as many sequences. Default: 2 per core. */
  parallel?: number;
  progress?: Progress;
  /** Stops after the files under way; the same call then goes on from there. */
  signal?: AbortSignal;
}

/** What became of one level. */
export interface PreparedLevel {
  level: string;
  /** A `list:` dataset. */
  folder: string;
  /** Files that were written, and files that were right already. */
  written: number;
  kept: number;
  manifest: Manifest;
}

/**
 * Writes a dataset once per level, each a `list:` dataset with a manifest. Files that are right already are kept, so that a
 * call after an interruption, kill -9 included, goes on where that stopped.
 *
 * Each image is decoded once, and encoded once per level; at levels that code sequences, those are decoded and encoded as a whole.
 * Labels are the source's own files where their ids need no mapping; of images without labels there are lists of images alone.
 *
 * @throws E_DISTORT_SEQUENCE if a level codes sequences and images are none
 * @throws E_DISTORT_FOLDER if a folder cannot be written, is full, is the source or, without `force`, holds another dataset
 * @throws E_DISTORT_PATH, E_DISTORT_DAMAGED for a manifest that cannot be read, and what reading the dataset throws
 */
export async function prepare(options: PrepareOptions): Promise<PreparedLevel[]> {
  const { dataset, levels, out, force = false, parallel = 2 * availableParallelism(), progress, signal } = options;
  const { huffman } = options;
  const asked = options.splits ?? dataset.splits;
  const targets: Target[] = [];
  for (const split of asked) if (!dataset.splits.includes(split)) failSplit(dataset.spec, split, dataset.splits);
  try {
    return await explainDisk(out, async () => {
      for (const level of new Map(levels.map((each) => [each.text, each])).values()) {
        const folder = await LevelFolder.open(out, level, dataset, force ? asked : undefined);
        const wanted = new Set([...asked, ...Object.keys(folder.earlier?.splits ?? {})]);
        const splits = dataset.splits.filter((split) => wanted.has(split));
        targets.push({ folder, plan: planPaths(dataset, splits, extensionOf(level)), written: 0, kept: 0 });
      }
      const copies = copiesOf(targets);
      const sequences = await sequenceCopiesOf(dataset, targets);
      const total = sequences.reduce((sum, { paths }) => sum + paths.size, copies.length);
      const task = `distort ${targets.map(({ folder }) => folder.level.text).join(', ')}`;
      let done = 0;
      const count = (): void => progress?.({ task, done: ++done, total, unit: 'files' });
      await forEachParallel(copies, parallel, (copy) => bringUpToDate(dataset, copy, huffman).then(count), signal);
      const coders = Math.ceil(parallel / 2);
      await forEachParallel(
        sequences,
        coders,
        (copy) => bringSequenceUpToDate(copy, count, { huffman, signal }),
        signal,
      );
      const prepared: PreparedLevel[] = [];
      for (const { folder, plan, written, kept } of targets) {
        const manifest = await folder.finish(plan);
        prepared.push({ level: folder.level.text, folder: folder.path, written, kept, manifest });
      }
      return prepared;
    });
  } finally {
    for (const { folder } of targets) await folder.close();
  }
}

/** What the system may answer of a folder that is written: it is full, denied, or a file lies where a folder is to be. */
const ABOUT_FOLDER: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'EISDIR',
]);

/** Gives what the system says of the folder that is written this module's code; what it says of the source stays as it is. */
async function explainDisk<T>(out: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const { path = out } = cause as NodeJS.ErrnoException;
    const system = explainSystemError(cause, {
      where: out,
      again: 'run the same command again: it goes on where it stopped',
    });
    // A folder that cannot be made may be named by the one above.
    const inside = [relative(out, path), relative(path, out)].some((way) => !way.startsWith('..'));
    if (!system || !inside || !ABOUT_FOLDER.has(systemCode(cause) ?? '')) throw cause;
    fail('E_DISTORT_FOLDER', { ...system.parts, cause });
  }
}
