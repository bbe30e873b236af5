import type { Dataset } from '../data/dataset.js';
import type { InferSize } from '../data/enlarged-source.js';
import { deriveDataset } from '../data/derive.js';
import type { Slice } from '../data/slice.js';
import { resizes } from '../distort/distort.js';
import { CLEAN, type Level } from '../distort/level.js';
import type { SampleSource } from '../data/source.js';
import { sourceAt } from '../distort/level-source.js';
import type { Step, StepContext } from './graph.js';
import type { KnownRecordings } from './known-recordings.js';

/** Some of a dataset's samples, clean. */
export interface CleanImages {
  dataset: Dataset;
  slice: Slice;
  /** Number of samples. */
  count: number;
  /** Of their content. */
  hash: string;
  /** What they are frames of; not looked for where no level codes sequences. */
  recordings?: KnownRecordings;
  /** At which size the network sees those that are smaller than their labels. */
  inferSize: InferSize;
}

/** The same samples at a level, as steps read them. */
export interface LevelImages extends CleanImages {
  level: Level;
  /** Makes the copy at that level; none for `clean`. */
  copy?: Step;
}

/** What a step that reads images takes among its settings and inputs, so that it runs again when they change. */
export function imagesIdentity(images: LevelImages): {
  settings: { images?: string; inferSize: InferSize };
  inputs: { images?: Step };
} {
  const { copy, hash } = images;
  const inferSize = effectiveSize(images);
  return copy
    ? { settings: { inferSize }, inputs: { images: copy } }
    : { settings: { images: hash, inferSize }, inputs: {} };
}

/** The size that the network sees pictures at: as received where they are as large as their labels, whatever is asked for. */
export function effectiveSize({ dataset, level, inferSize }: CleanImages & { level?: Level }): InferSize {
  return dataset.resized || (level !== undefined && resizes(level)) ? inferSize : 'received';
}

/** Where the samples are while a step runs. */
export interface ImagePlace {
  /** Spec of the clean dataset. */
  data: string;
  /** Folder of the copy, `PREPARED/LEVEL/`. */
  prepared?: string;
  inferSize: InferSize;
  source: SampleSource;
  slice: Slice;
}

/**
 * Finds images for a step that has them among its inputs.
 *
 * @param part positions among these samples. Default: all of them
 */
export function placeOf(
  images: LevelImages,
  context: StepContext,
  part: Pick<Slice, 'start' | 'end'> = { start: 0 },
): ImagePlace {
  const { dataset, copy, level, slice, count } = images;
  const prepared = copy && context.folderOf(copy);
  const inferSize = effectiveSize(images);
  // A copy holds these samples alone.
  const first = copy ? 0 : slice.start;
  return {
    data: dataset.spec,
    prepared,
    inferSize,
    source: sourceAt({ data: dataset.spec, prepared, inferSize }, level.text),
    slice: { split: slice.split, start: first + part.start, end: first + Math.min(part.end ?? count, count) },
  };
}

/** Where the same samples, or a part of them as of {@link placeOf}, are before they were distorted. */
export function cleanPlaceOf(
  { dataset, slice, count }: CleanImages,
  part: Pick<Slice, 'start' | 'end'> = { start: 0 },
): Pick<ImagePlace, 'source' | 'slice'> {
  const { split, start } = slice;
  return {
    source: sourceAt({ data: dataset.spec }, CLEAN.text),
    slice: { split, start: start + part.start, end: start + Math.min(part.end ?? count, count) },
  };
}

/** The dataset with one split, which holds a slice of it. */
export function sliceDataset(dataset: Dataset, { split, start, end }: Slice): Dataset {
  const samples = dataset.samples(split).slice(start, end);
  return deriveDataset(dataset, { splits: [split], samples: () => samples });
}
