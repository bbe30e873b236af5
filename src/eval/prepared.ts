import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { canonicalJson } from '../common/files.js';
import type { Progress } from '../common/progress.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { openDataset } from '../data/registry.js';
import { levelFolders } from '../distort/level-folders.js';
import { parseLevel } from '../distort/level.js';
import { MANIFEST, readManifest, type Manifest } from '../distort/manifest.js';
import { differenceInContent, requireIntact, type CopyPart } from './prepared-content.js';

export type { CopyPart } from './prepared-content.js';

export interface CopiesOptions {
  /** What is going to be read. Default: all that a copy holds. */
  parts?: readonly CopyPart[];
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Makes sure that prepared copies are those of the dataset that they are read in place of. Either may have been moved, and a copy may hold
 * some of the samples alone: what is compared are classes, the names of files, and, of what is going to be read, the content of every image
 * and label, in the source and in the copy. Of a source that is gone nothing can be compared. A folder without a manifest, a list dataset
 * of the user's own, is taken as it is.
 *
 * @param prepared what `gearnn distort` wrote, `PREPARED/LEVEL/`
 * @param data specification of the clean dataset
 * @param levels those that are to be read; one that is not there is passed over
 * @throws E_DATA_ROOT where `prepared` is no folder, E_USAGE for a copy of another dataset and for two folders of one level,
 *   E_DISTORT_DAMAGED for a manifest that cannot be read or a copy that is not as its manifest says, and what opening the dataset throws
 */
export async function requireCopies(
  prepared: string,
  data: string,
  levels: readonly string[],
  options: CopiesOptions = {},
): Promise<void> {
  await requireFolder(prepared);
  const dataset = await openDataset(data);
  const wanted = [...new Set(levels.map((text) => parseLevel(text).text))];
  await levelFolders(prepared, wanted);
  for (const level of wanted) {
    const folder = join(prepared, level);
    if (!existsSync(join(folder, MANIFEST))) continue;
    const manifest = await readManifest(folder);
    const difference =
      differenceInNames(manifest, dataset, level) ?? (await differenceInContent(manifest, dataset, options));
    if (difference === undefined) {
      await requireIntact(folder, manifest, dataset, options);
      continue;
    }
    fail('E_USAGE', {
      where: folder,
      expected: `a copy of ${data} at ${level}`,
      got: `one of ${manifest.source.spec} at ${manifest.level}: ${difference}`,
      todo: 'Give the --prepared of this dataset; gearnn distort brings one up to date.',
    });
  }
}

async function requireFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  fail('E_DATA_ROOT', {
    where: path,
    expected: 'a folder of prepared copies, one per level',
    got: found ? 'a file' : 'no such folder',
    todo: 'Give what gearnn distort was given as --out, or leave --prepared out.',
  });
}

/** What shows without a look at the files that a copy is another dataset's, or another level's; undefined where nothing does. */
function differenceInNames(manifest: Manifest, dataset: Dataset, level: string): string | undefined {
  const { classes, ignore } = dataset;
  if (manifest.level !== level) return 'another level';
  if (canonicalJson([manifest.classes, manifest.ignore]) !== canonicalJson([classes, ignore])) return 'other classes';
  const names = new Set(dataset.splits.flatMap((split) => dataset.samples(split)).flatMap(namesOf));
  const foreign = manifest.files.find(({ from }) => !names.has(from));
  return foreign && `${dataset.spec} has no ${foreign.from}`;
}

/** The names that manifests know files by: their paths, or the sample's id where there are none. */
function namesOf({ id, image, label }: Sample): string[] {
  return [image || id, label || id];
}
