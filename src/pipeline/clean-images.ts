import { join } from 'node:path';
import { fail } from '../common/errors.js';
import type { Progress } from '../common/progress.js';
import type { Dataset } from '../data/dataset.js';
import { formatSlice, sliceIds, type Slice } from '../data/slice.js';
import { codesSequences } from '../distort/level.js';
import { levelsIn } from '../distort/range.js';
import { contentHash } from './content.js';
import type { Experiment } from './experiment.js';
import type { CleanImages } from './images.js';
import { knownRecordings } from './known-recordings.js';

export interface CleanImagesOptions {
  experiment: Experiment;
  /** Folder for the steps' results, and for hashes of the dataset's files. */
  work: string;
  progress?: Progress;
  signal?: AbortSignal;
}

/** Some of a dataset's samples, with what steps are addressed by: reads their files, or their dates where they were read before. */
export async function cleanImages(
  dataset: Dataset,
  slice: Slice,
  { experiment, work, progress, signal }: CleanImagesOptions,
): Promise<CleanImages> {
  const count = sliceIds(dataset, slice, formatSlice(slice)).length;
  const samples = dataset.samples(slice.split).slice(slice.start, slice.end);
  const hash = await contentHash(dataset, samples, { cache: join(work, 'content.json'), progress, signal });
  const recordings = namesSequences(experiment) ? await knownRecordings(dataset, samples) : undefined;
  return { dataset, slice, count, hash, recordings, inferSize: experiment.inferSize };
}

/** Whether a level codes sequences, of the experiment's or of those that a method brings. */
function namesSequences({ levels, methods }: Experiment): boolean {
  const others = methods.flatMap(({ options }) => [
    ...((options['levels'] as string[] | undefined) ?? []),
    ...Object.values((options['around'] as Record<string, string> | undefined) ?? {}),
  ]);
  return [...levels, ...others.flatMap(levelsIn)].some(codesSequences);
}

/** Parts of the samples that a config names by position: one beyond the last is known before anything is trained. */
export function checkParts({ path, rates, frequency }: Experiment, train: CleanImages, validate: CleanImages): void {
  const check = (field: string, part: Slice | undefined, { slice, count }: CleanImages): void => {
    if (part === undefined || part.start < count) return;
    fail('E_PIPELINE_CONFIG', {
      where: `${path}: ${field}`,
      expected: `positions among the ${count} samples of ${formatSlice(slice)}`,
      got: `${part.start}:${part.end ?? ''}`,
    });
  };
  check('rates.train', rates?.train, train);
  check('rates.validate', rates?.validate, train);
  check('frequency.samples', frequency?.samples, validate);
}
