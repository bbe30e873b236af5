import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileHash } from '../common/file-hash.js';
import { canonicalJson, sha256 } from '../common/files.js';
import { forEachParallel } from '../common/parallel.js';
import type { Progress } from '../common/progress.js';
import type { Dataset, Sample } from './dataset.js';

/** Samples of a procedural dataset that stand for all of them: enough to notice that the generator changed. */
const DRAWN = 2;

export interface ContentOptions {
  /** SHA-256 of a file. Default: reads it, once per process. */
  hashFile?: (path: string) => Promise<string>;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * A hash of what samples of a dataset are: their files, in order, with classes and the id to ignore. Where they lie does not count.
 * A procedural dataset is its spec and what its first samples look like.
 *
 * @throws what reading the samples throws
 */
export async function contentOf(
  dataset: Dataset,
  samples: readonly Sample[],
  options: ContentOptions = {},
): Promise<string> {
  const { classes, ignore, targets } = dataset;
  const ids = samples.map(({ id }) => id);
  const content =
    dataset.root === null ? await drawnHashes(dataset, samples) : await fileHashes(dataset, samples, options);
  // What a label file shows is in its hash; a label without one is its own content.
  const labels = targets.labelFiles ? {} : { task: targets.name, labels: samples.map(({ label }) => label) };
  return sha256(canonicalJson({ classes, ignore, ids, content, ...labels }));
}

/** Paths of a sample's image and label; none in a procedural dataset. */
export function filesOf(dataset: Dataset, sample: Sample): string[] {
  if (dataset.files) return dataset.files(sample);
  const { root } = dataset;
  if (root === null) return [];
  return [sample.image, dataset.targets.labelFiles ? sample.label : '']
    .filter((path) => path !== '')
    .map((path) => join(root, path));
}

async function drawnHashes(dataset: Dataset, samples: readonly Sample[]): Promise<string[]> {
  const hashes = [dataset.spec];
  for (const sample of samples.slice(0, DRAWN)) {
    hashes.push(sha256((await dataset.readImage(sample)).data));
    if (dataset.targets.labelFiles) hashes.push(sha256((await dataset.readLabel(sample)).data));
  }
  return hashes;
}

async function fileHashes(
  dataset: Dataset,
  samples: readonly Sample[],
  { hashFile = fileHash, progress, signal }: ContentOptions,
): Promise<string[]> {
  const owners = new Map<string, Sample>();
  const paths = samples.flatMap((sample) => filesOf(dataset, sample).map((path) => (owners.set(path, sample), path)));
  const hashes = new Map<string, string>();
  await forEachParallel(
    owners,
    availableParallelism(),
    async ([path, sample]) => {
      hashes.set(path, await hashFile(path).catch((error: unknown) => explain(dataset, sample, error)));
      progress?.({ task: `look at ${dataset.name}`, done: hashes.size, total: owners.size, unit: 'files' });
    },
    signal,
  );
  return paths.map((path) => hashes.get(path)!);
}

/** The dataset's own error, which says what to do, where a file is missing. */
async function explain(dataset: Dataset, sample: Sample, error: unknown): Promise<never> {
  await dataset.readImage(sample);
  await dataset.readTarget(sample);
  throw error;
}
