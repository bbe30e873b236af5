import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fail, GearnnError } from '../common/errors.js';
import { fileHash } from '../common/file-hash.js';
import { forEachParallel } from '../common/parallel.js';
import type { Progress } from '../common/progress.js';
import { readText } from '../common/text-file.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { codesSequences, parseLevel } from '../distort/level.js';
import { listFiles } from '../distort/lists.js';
import { partOf, type Manifest, type ManifestFile } from '../distort/manifest.js';
import { findRecordings, sampleKey } from '../distort/recordings.js';
import { sourceImage, sourceLabel } from '../distort/source-files.js';

/** Some of a split's samples: by their ids, or by their positions. Default: all of them. */
export interface CopyPart {
  split: string;
  ids?: readonly string[];
  start?: number;
  end?: number;
}

interface Options {
  parts?: readonly CopyPart[];
  progress?: Progress;
  signal?: AbortSignal;
}

/** Samples of each split that are drawn from a procedural source for comparison: its spec says all of the others. */
const DRAWN = 2;

/** A sample's two files in a copy. */
interface Place {
  image: string;
  label: string;
}

/** One file that is going to be read, and how its source is hashed now; undefined where the source is gone. */
interface Used {
  file: ManifestFile;
  hash(): Promise<string | undefined>;
}

/**
 * What shows that a copy does not follow from what the dataset holds now: samples that it lacks, and files that are others by now.
 *
 * @returns undefined where nothing does
 */
export async function differenceInContent(
  manifest: Manifest,
  dataset: Dataset,
  { parts, progress, signal }: Options,
): Promise<string | undefined> {
  for (const part of parts ?? []) {
    const difference = differenceInSamples(manifest, dataset, part);
    if (difference !== undefined) return difference;
  }
  const used = await usedFiles(manifest, dataset, parts);
  const others: string[] = [];
  let done = 0;
  await forEachParallel(
    used,
    availableParallelism(),
    async ({ file, hash }) => {
      const now = await hash();
      if (now !== undefined && now !== file.source) others.push(file.from);
      progress?.({
        task: `compare ${manifest.level} with its source`,
        done: ++done,
        total: used.length,
        unit: 'files',
      });
    },
    signal,
  );
  const [first] = others.sort();
  return first === undefined
    ? undefined
    : `another ${first}${others.length > 1 ? ` and ${others.length - 1} more` : ''}`;
}

/**
 * Makes sure that the files of a copy that are going to be read are those that its manifest names.
 *
 * @throws E_DISTORT_DAMAGED
 */
export async function requireIntact(
  folder: string,
  manifest: Manifest,
  dataset: Dataset,
  { parts, signal }: Options,
): Promise<void> {
  const splits = parts?.map(({ split }) => split) ?? Object.keys(manifest.splits);
  const lists = listFiles(manifest);
  for (const name of listFiles(partOf(manifest, splits)).keys()) {
    const text = await readText(join(folder, name)).catch(() => undefined);
    if (text !== lists.get(name)) damaged(folder, `${name}, which does not say what the manifest says`);
  }
  const files = (await usedFiles(manifest, dataset, parts)).map(({ file }) => file);
  await forEachParallel(
    files,
    availableParallelism(),
    async ({ path, sha256 }) => {
      const now = await fileHash(join(folder, path)).catch(() => undefined);
      if (now !== sha256) damaged(folder, `${path}, which is missing or has changed since it was written`);
    },
    signal,
  );
}

function damaged(folder: string, got: string): never {
  fail('E_DISTORT_DAMAGED', {
    where: folder,
    expected: 'every file as its manifest says',
    got,
    todo: 'Run gearnn distort again, which mends it.',
  });
}

/** A copy of other samples is scored, or trained on, in place of those that were asked for. */
function differenceInSamples(manifest: Manifest, dataset: Dataset, part: CopyPart): string | undefined {
  const places = manifest.splits[part.split];
  // Whoever reads it says so.
  if (!places || !dataset.splits.includes(part.split)) return undefined;
  const from = sourcesOf(manifest);
  const keys = places.map((place) => from(place));
  const wanted = samplesOf(dataset, part).map((sample) => keyOfPair(dataset, sample));
  const there = new Set(keys);
  const missing = wanted.find((key) => !there.has(key));
  if (missing !== undefined) return `without ${missing.split('\n')[0]!}, which ${dataset.spec} has by now`;
  if (part.ids) return undefined;
  const { start, end } = part;
  const own = keys.slice(start, end);
  if (own.join() === wanted.join()) return undefined;
  const other = own.find((key, i) => key !== wanted[i])!;
  return `${other.split('\n')[0]!} in another place of its split`;
}

function samplesOf(dataset: Dataset, { split, ids, start, end }: CopyPart): Sample[] {
  const samples = dataset.samples(split);
  if (!ids) return samples.slice(start, end);
  const wanted = new Set(ids);
  return samples.filter(({ id }) => wanted.has(id));
}

/** The names that manifests know a sample's files by; a label without a file is the same in source and copy. */
function keyOfPair({ targets }: Dataset, { id, image, label }: Sample): string {
  return `${image || id}\n${targets.labelFiles ? label || id : label}`;
}

function sourcesOf({ files }: Manifest): (place: Place) => string {
  const from = new Map(files.map((file) => [file.path, file.from]));
  return ({ image, label }) => `${from.get(image)}\n${from.get(label) ?? label}`;
}

/** Each file of a copy that is going to be read, once. */
async function usedFiles(manifest: Manifest, dataset: Dataset, parts?: readonly CopyPart[]): Promise<Used[]> {
  const files = new Map(manifest.files.map((file) => [file.path, file]));
  const from = sourcesOf(manifest);
  const samples = new Map(
    dataset.splits.flatMap((split) => dataset.samples(split)).map((sample) => [keyOfPair(dataset, sample), sample]),
  );
  const hashImage = await imageHasher(manifest, dataset);
  const used = new Map<string, Used>();
  for (const [split, all] of Object.entries(manifest.splits)) {
    const own = parts?.filter((part) => part.split === split);
    if (own?.length === 0) continue;
    const wanted =
      own && dataset.splits.includes(split)
        ? new Set(own.flatMap((part) => samplesOf(dataset, part)).map((sample) => keyOfPair(dataset, sample)))
        : undefined;
    const places = all.filter((place) => wanted?.has(from(place)) ?? true);
    for (const { image, label } of manifest.source.root === null ? places.slice(0, DRAWN) : places) {
      const sample = samples.get(from({ image, label }));
      if (!sample) continue;
      used.set(image, { file: files.get(image)!, hash: () => hashImage(sample) });
      const labelFile = files.get(label);
      if (labelFile) used.set(label, { file: labelFile, hash: () => labelHash(dataset, sample) });
    }
  }
  return [...used.values()];
}

/** What an image of a level follows from: its own file, or all of its recording's where those are coded together. */
async function imageHasher(
  { level }: Manifest,
  dataset: Dataset,
): Promise<(sample: Sample) => Promise<string | undefined>> {
  if (!codesSequences(parseLevel(level))) {
    return (sample) => {
      if (dataset.root !== null && sample.image !== '') return ofFile(join(dataset.root, sample.image));
      return sourceImage(dataset, sample).then(({ hash }) => hash, allowMissing);
    };
  }
  const recordings = await findRecordings(dataset);
  return async (sample) => recordings.get(sampleKey(sample))?.hashOf(sample).catch(allowMissing);
}

async function labelHash(dataset: Dataset, sample: Sample): Promise<string | undefined> {
  if (dataset.root !== null && sample.label !== '') return ofFile(join(dataset.root, sample.label));
  return sourceLabel(dataset, sample).then(({ hash }) => hash, allowMissing);
}

/** A copy is of use without its source, too. */
function ofFile(path: string): Promise<string | undefined> {
  return fileHash(path).catch((error: NodeJS.ErrnoException) => {
    if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code ?? '')) throw error;
    return undefined;
  });
}

function allowMissing(error: unknown): undefined {
  if (!(error instanceof GearnnError && error.code === 'E_DATA_MISSING')) throw error;
}
