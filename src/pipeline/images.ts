import type { Dataset } from '../data/dataset.js';
import { deriveDataset } from '../data/derive.js';
import type { Slice } from '../data/slice.js';
import type { Level } from '../distort/level.js';
import type { SampleSource } from '../data/source.js';
import { sourceAt } from '../eval/levels.js';
import type { Step, StepContext } from './graph.js';

/** Some of a dataset's samples, clean. */
export interface CleanImages {
  dataset: Dataset;
  slice: Slice;
  /** Number of samples. */
  count: number;
  /** Of their content. */
  hash: string;
}

/** The same samples at a level, as steps read them. */
export interface LevelImages extends CleanImages {
  level: Level;
  /** Makes the copy at that level; none for `clean`. */
  copy?: Step;
}

/** What a step that reads images takes among its settings and inputs, so that it runs again when they change. */
export function imagesIdentity({ copy, hash }: LevelImages): {
  settings: { images?: string };
  inputs: { images?: Step };
} {
  return copy ? { settings: {}, inputs: { images: copy } } : { settings: { images: hash }, inputs: {} };
}

/** Where the samples are while a step runs. */
export interface ImagePlace {
  /** Spec of the clean dataset. */
  data: string;
  /** Folder of the copy, `PREPARED/LEVEL/`. */
  prepared?: string;
  source: SampleSource;
  slice: Slice;
}

/**
 * Finds images for a step that has them among its inputs.
 *
 * @param part positions among these samples; all of them unless said
 */
export function placeOf(
  images: LevelImages,
  context: StepContext,
  part: Pick<Slice, 'start' | 'end'> = { start: 0 },
): ImagePlace {
  const { dataset, copy, level, slice, count } = images;
  const prepared = copy && context.folderOf(copy);
  // A copy holds these samples alone.
  const first = copy ? 0 : slice.start;
  return {
    data: dataset.spec,
    prepared,
    source: sourceAt({ data: dataset.spec, prepared }, level.text),
    slice: { split: slice.split, start: first + part.start, end: first + Math.min(part.end ?? count, count) },
  };
}

/** The dataset with one split, which holds a slice of it. */
export function sliceDataset(dataset: Dataset, { split, start, end }: Slice): Dataset {
  const samples = dataset.samples(split).slice(start, end);
  return deriveDataset(dataset, { splits: [split], samples: () => samples });
}
