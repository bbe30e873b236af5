import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, GearnnError } from '../common/errors.js';
import { canonicalJson } from '../common/files.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { openDataset } from '../data/registry.js';
import { codesSequences, parseLevel } from '../distort/level.js';
import { MANIFEST, readManifest, type Manifest } from '../distort/manifest.js';
import { sourceImage, sourceLabel } from '../distort/source-files.js';

/**
 * Makes sure that prepared copies are those of the dataset that they are read in place of. Either may have been moved, and a copy may hold
 * some of the samples alone: what is compared are classes, the names of files, and the content of a first sample. A folder without a
 * manifest, a list dataset of the user's own, is taken as it is.
 *
 * @param prepared what `gearnn distort` wrote, `PREPARED/LEVEL/`
 * @param data specification of the clean dataset
 * @param levels those that are to be read; one that is not there is passed over
 * @throws E_DATA_ROOT where `prepared` is no folder, E_USAGE for a copy of another dataset, E_DISTORT_DAMAGED for a manifest that cannot be
 *   read, and what opening the dataset throws
 */
export async function requireCopies(prepared: string, data: string, levels: readonly string[]): Promise<void> {
  await requireFolder(prepared);
  const dataset = await openDataset(data);
  for (const level of levels.map((text) => parseLevel(text).text)) {
    const folder = join(prepared, level);
    if (!existsSync(join(folder, MANIFEST))) continue;
    const manifest = await readManifest(folder);
    const difference = await differenceOf(manifest, dataset, level);
    if (difference === undefined) continue;
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

/** What shows that a copy is another dataset's, or another level's; undefined where nothing does. */
async function differenceOf(manifest: Manifest, dataset: Dataset, level: string): Promise<string | undefined> {
  const { classes, ignore } = dataset;
  if (manifest.level !== level) return 'another level';
  if (canonicalJson([manifest.classes, manifest.ignore]) !== canonicalJson([classes, ignore])) return 'other classes';
  const samples = samplesByFile(dataset);
  const foreign = manifest.files.find(({ from }) => !samples.has(from));
  if (foreign) return `${dataset.spec} has no ${foreign.from}`;
  return differentContent(manifest, dataset, samples);
}

/** By the names that manifests know files by: their paths, or the sample's id where there are none. */
function samplesByFile(dataset: Dataset): Map<string, Sample> {
  const samples = dataset.splits.flatMap((split) => dataset.samples(split));
  return new Map(samples.flatMap((sample) => [sample.image, sample.label].map((path) => [path || sample.id, sample])));
}

/** Other datasets may have the same names: `scenes:7` and `scenes:8`, frames numbered from 1. */
async function differentContent(
  { level, splits, files }: Manifest,
  dataset: Dataset,
  samples: ReadonlyMap<string, Sample>,
): Promise<string | undefined> {
  const first = Object.values(splits).flat()[0];
  if (!first) return undefined;
  const [image, label] = [first.image, first.label].map((path) => files.find((file) => file.path === path)!);
  const hashes = [
    { file: label!, read: () => sourceLabel(dataset, samples.get(label!.from)!) },
    // In a coded sequence a picture's hash is that of all frames, which are not read for this.
    ...(codesSequences(parseLevel(level))
      ? []
      : [{ file: image!, read: () => sourceImage(dataset, samples.get(image!.from)!) }]),
  ];
  for (const { file, read } of hashes) {
    const hash = await read().then((source) => source.hash, allowMissing);
    if (hash !== undefined && hash !== file.source) return `another ${file.from}`;
  }
  return undefined;
}

/** A copy is of use without its source, too. */
function allowMissing(error: unknown): undefined {
  if (!(error instanceof GearnnError && error.code === 'E_DATA_MISSING')) throw error;
}
