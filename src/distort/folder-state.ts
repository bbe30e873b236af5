import { readdir, realpath, rm } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { fail } from '../common/errors.js';
import { canonicalJson, writeJsonAtomic } from '../common/files.js';
import { isRunning } from '../common/process.js';
import type { Dataset } from '../data/dataset.js';
import { JOURNAL, readJournal } from './journal.js';
import { MANIFEST, partOf, readManifest, stampOf, type Manifest, type ManifestFile } from './manifest.js';

/** What earlier runs left in a level's folder. */
export interface FolderState {
  /** The manifest of a finished run, without the splits that are to be made anew. */
  earlier: Manifest | undefined;
  /** Files that can be kept if they are unchanged: made with the same stamp, by a finished run or an unfinished one. */
  files: ManifestFile[];
}

/**
 * Reads what is known of a level's folder, and clears away what a killed run left half written.
 *
 * @param stamp of the files to be made
 * @param anew splits to make anew, whatever the folder holds: but for other splits of the same dataset, all that is known is cleared away
 * @throws E_DISTORT_FOLDER if it is the source itself or, without `anew`, holds another dataset
 */
export async function lookInto(
  folder: string,
  dataset: Dataset,
  stamp: string,
  anew?: readonly string[],
): Promise<FolderState> {
  await refuseSource(folder, dataset);
  if (anew) await clearAway(folder, dataset, anew);
  const entries: string[] = await readdir(folder).catch(() => []);
  const earlier = entries.includes(MANIFEST) ? await readManifest(folder) : undefined;
  const interrupted = entries.includes(JOURNAL);
  const other = earlier && (await otherDataset(earlier, dataset));
  if (other !== undefined) refuse(folder, other);
  if (!earlier && isUnknown(entries)) refuse(folder, 'a dataset that gearnn distort has not made');
  if (interrupted) await removeTemporaries(folder);
  const finished = earlier && stampOf(earlier) === stamp ? earlier.files : [];
  return { earlier, files: [...finished, ...(await readJournal(folder, stamp))] };
}

/** Whether a folder without a manifest, by its entries, holds a dataset that no run has made or begun. */
export function isUnknown(entries: readonly string[]): boolean {
  return entries.includes('dataset.json') && !entries.includes(JOURNAL);
}

/** Until the run is done the folder is no dataset, and its manifest, where one stays, says nothing of what is made anew. */
async function clearAway(folder: string, dataset: Dataset, anew: readonly string[]): Promise<void> {
  // One that cannot be read is as good as none.
  const manifest = await readManifest(folder).catch(() => undefined);
  const isSame = manifest && (await otherDataset(manifest, dataset)) === undefined;
  const kept = isSame ? withoutSplits(manifest, anew) : undefined;
  for (const name of [JOURNAL, 'dataset.json']) await rm(join(folder, name), { force: true });
  if (kept) await writeJsonAtomic(join(folder, MANIFEST), kept);
  else await rm(join(folder, MANIFEST), { force: true });
}

/** A manifest without some splits and their files; undefined where no split is left. */
function withoutSplits(manifest: Manifest, splits: readonly string[]): Manifest | undefined {
  const others = Object.keys(manifest.splits).filter((split) => !splits.includes(split));
  if (others.length === 0) return undefined;
  const gone = new Set(partOf(manifest, splits).files);
  const rest = partOf(manifest, others);
  return { ...rest, files: rest.files.filter((file) => !gone.has(file)) };
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

/** What a copy is one of, where that is another dataset. */
async function otherDataset({ source, classes, ignore }: Manifest, dataset: Dataset): Promise<string | undefined> {
  if (source.name !== dataset.name) return `one of the dataset ${source.name}`;
  if (ignore !== dataset.ignore || canonicalJson(classes) !== canonicalJson(dataset.classes)) {
    return 'one of a dataset with other classes';
  }
  if (source.root === null || dataset.root === null) {
    return source.spec === dataset.spec ? undefined : `one of ${source.spec}`;
  }
  // A source that has been moved is still the same; one that is where it was is another.
  const [before, now] = await Promise.all(
    [source.root, dataset.root].map((path) => realpath(path).catch(() => undefined)),
  );
  return before === undefined || before === now ? undefined : `one of ${source.spec}`;
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
