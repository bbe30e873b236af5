import { readdir, realpath, rm } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { fail } from '../common/errors.js';
import { canonicalJson } from '../common/files.js';
import { isRunning } from '../common/process.js';
import type { Dataset } from '../data/dataset.js';
import { JOURNAL, readJournal } from './journal.js';
import { MANIFEST, readManifest, stampOf, type Manifest, type ManifestFile } from './manifest.js';

/** What earlier runs left in a level's folder. */
export interface FolderState {
  /** The manifest of a finished run. */
  earlier: Manifest | undefined;
  /** Files that can be kept if they are unchanged: made with the same stamp, by a finished run or an unfinished one. */
  files: ManifestFile[];
}

/**
 * Reads what is known of a level's folder, and clears away what a killed run left half written.
 *
 * @param stamp of the files to be made
 * @param force clear away all that is known of the folder
 * @throws E_DISTORT_FOLDER if it is the source itself or, without `force`, holds another dataset
 */
export async function lookInto(folder: string, dataset: Dataset, stamp: string, force: boolean): Promise<FolderState> {
  await refuseSource(folder, dataset);
  if (force) {
    for (const name of [MANIFEST, JOURNAL, 'dataset.json']) await rm(join(folder, name), { force: true });
    return { earlier: undefined, files: [] };
  }
  const entries: string[] = await readdir(folder).catch(() => []);
  const earlier = entries.includes(MANIFEST) ? await readManifest(folder) : undefined;
  const interrupted = entries.includes(JOURNAL);
  if (earlier) await refuseOther(folder, earlier, dataset);
  else if (entries.includes('dataset.json') && !interrupted) refuse(folder, 'a dataset that gearnn distort has not made');
  if (interrupted) await removeTemporaries(folder);
  const finished = earlier && stampOf(earlier) === stamp ? earlier.files : [];
  return { earlier, files: [...finished, ...(await readJournal(folder, stamp))] };
}

/** Writing a copy over its own source, or over a folder that holds it, would destroy it. */
async function refuseSource(folder: string, { root }: Dataset): Promise<void> {
  if (root === null) return;
  const [target, source] = await Promise.all([folder, root].map((path) => realpath(path).catch(() => resolve(path))));
  if (!`${source}${sep}`.startsWith(`${target}${sep}`)) return;
  fail('E_DISTORT_FOLDER', {
    where: folder,
    expected: 'a folder apart from the dataset that is distorted',
    got: 'that dataset itself, or a folder around it',
    todo: 'Give another --out.',
  });
}

async function refuseOther(folder: string, { source, classes, ignore }: Manifest, dataset: Dataset): Promise<void> {
  if (source.name !== dataset.name) refuse(folder, `one of the dataset ${source.name}`);
  if (ignore !== dataset.ignore || canonicalJson(classes) !== canonicalJson(dataset.classes)) {
    refuse(folder, 'one of a dataset with other classes');
  }
  if (source.root === null || dataset.root === null) {
    if (source.spec !== dataset.spec) refuse(folder, `one of ${source.spec}`);
    return;
  }
  // A source that has been moved is still the same; one that is where it was is another.
  const [before, now] = await Promise.all([source.root, dataset.root].map((path) => realpath(path).catch(() => undefined)));
  if (before !== undefined && before !== now) refuse(folder, `one of ${source.spec}`);
}

function refuse(folder: string, got: string): never {
  fail('E_DISTORT_FOLDER', {
    where: folder,
    expected: 'an empty folder or an earlier copy of the same dataset',
    got,
    todo: 'Give another --out, or overwrite it with --force.',
  });
}

/** Temporary files of `writeFileAtomic` whose process is gone. */
async function removeTemporaries(folder: string): Promise<void> {
  for (const path of await readdir(folder, { recursive: true })) {
    const owner = /^\..+\.(\d+)\.[0-9a-f]{8}\.tmp$/.exec(basename(path))?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) await rm(join(folder, path), { force: true });
  }
}
