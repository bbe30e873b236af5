import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, sha256, sha256File, writeJsonAtomic } from '../common/files.js';
import { forEachParallel } from '../common/parallel.js';
import type { Progress } from '../common/progress.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { readText } from '../common/text-file.js';

/** Samples of a procedural dataset that stand for all of them: enough to notice that the generator changed. */
const DRAWN = 2;

/** Hashes of files by path, with what tells whether a file is still the same. */
type Known = Record<string, { size: number; modified: number; sha256: string }>;

export interface ContentOptions {
  /** Where hashes are kept, so that only files that changed are read again. */
  cache: string;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * A hash of what samples of a dataset are: their files, in order, with classes and the id to ignore. Where they lie does not count.
 * A procedural dataset is its spec and what its first samples look like.
 *
 * @throws what reading the samples throws
 */
export async function contentHash(
  dataset: Dataset,
  samples: readonly Sample[],
  options: ContentOptions,
): Promise<string> {
  const { classes, ignore } = dataset;
  const ids = samples.map(({ id }) => id);
  const content =
    dataset.root === null ? await drawnHashes(dataset, samples) : await fileHashes(dataset, samples, options);
  return sha256(canonicalJson({ classes, ignore, ids, content }));
}

async function drawnHashes(dataset: Dataset, samples: readonly Sample[]): Promise<string[]> {
  const hashes = [dataset.spec];
  for (const sample of samples.slice(0, DRAWN)) {
    const [image, label] = [await dataset.readImage(sample), await dataset.readLabel(sample)];
    hashes.push(sha256(image.data), sha256(label.data));
  }
  return hashes;
}

async function fileHashes(
  dataset: Dataset,
  samples: readonly Sample[],
  { cache, progress, signal }: ContentOptions,
): Promise<string[]> {
  const paths = samples.flatMap(({ image, label }) => [image, label]).map((path) => join(dataset.root!, path));
  const known = await readCache(cache);
  const hashes = new Map<string, string>();
  let [done, changed] = [0, false];
  await forEachParallel(
    new Set(paths),
    availableParallelism(),
    async (path) => {
      const { size, mtimeMs: modified } = await statSample(dataset, path, samples);
      const before = known[path];
      if (before?.size !== size || before.modified !== modified) {
        known[path] = { size, modified, sha256: await sha256File(path) };
        changed = true;
      }
      hashes.set(path, known[path]!.sha256);
      progress?.({ task: `look at ${dataset.name}`, done: ++done, total: paths.length, unit: 'files' });
    },
    signal,
  );
  if (changed) await writeJsonAtomic(cache, known);
  return paths.map((path) => hashes.get(path)!);
}

/** The dataset's own error, which says what to do, where a file is missing. */
async function statSample(dataset: Dataset, path: string, samples: readonly Sample[]) {
  try {
    return await stat(path);
  } catch (error) {
    const owner = samples.find(({ image, label }) =>
      [image, label].some((name) => join(dataset.root!, name) === path),
    )!;
    await dataset.readImage(owner);
    await dataset.readLabel(owner);
    throw error;
  }
}

async function readCache(path: string): Promise<Known> {
  try {
    return JSON.parse(await readText(path)) as Known;
  } catch {
    return {};
  }
}
