import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { writeFileAtomic, writeJsonAtomic } from '../common/files.js';
import { forEachParallel } from '../common/parallel.js';
import type { Progress } from '../common/progress.js';
import { encodePng } from '../image/encode.js';
import { encodeLabelMap } from '../image/labels.js';
import type { Dataset, Sample } from './dataset.js';

/** Samples written at a time. */
const AT_ONCE = 4;

export interface WriteListOptions {
  /** All of them unless said. */
  splits?: string[];
  /** The first so many samples of each split; all unless said. */
  count?: number;
  /** Write into a folder that holds a dataset already. */
  force?: boolean;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Writes a dataset as a list dataset: `SPLIT/ID.png`, `SPLIT-labels/ID.png`, `SPLIT.txt` and, when all else is there, `dataset.json`.
 *
 * @returns samples written, by split
 * @throws E_OUT_EXISTS if `out` holds a dataset and `force` is not given, E_DATA_SPLIT, and what reading a sample throws
 */
export async function writeListDataset(
  dataset: Dataset,
  out: string,
  { splits = dataset.splits, count, force = false, progress, signal }: WriteListOptions = {},
): Promise<Record<string, number>> {
  const samples = new Map(splits.map((split) => [split, dataset.samples(split).slice(0, count)]));
  await refuseToOverwrite(join(out, 'dataset.json'), force);
  for (const [split, list] of samples) {
    const lines = list.map((sample) => pathsOf(split, sample));
    let done = 0;
    await forEachParallel(
      lines,
      AT_ONCE,
      async (paths) => {
        await writeSample(dataset, out, paths);
        progress?.({ task: `write ${split}`, done: ++done, total: list.length, unit: 'samples' });
      },
      signal,
    );
    const separator = lines.some(({ image }) => image.includes(' ')) ? '\t' : ' ';
    const text = lines.map(({ image, label }) => `${image}${separator}${label}\n`).join('');
    await writeFileAtomic(join(out, `${split}.txt`), text);
  }
  await writeJsonAtomic(join(out, 'dataset.json'), {
    classes: dataset.classes,
    ignore: dataset.ignore,
    splits: Object.fromEntries(splits.map((split) => [split, `${split}.txt`])),
  });
  return Object.fromEntries(splits.map((split) => [split, samples.get(split)!.length]));
}

interface SamplePaths {
  sample: Sample;
  image: string;
  label: string;
}

/** Ids of some datasets start with the split, which is the folder's name here. */
function pathsOf(split: string, sample: Sample): SamplePaths {
  const name = sample.id.startsWith(`${split}/`) ? sample.id.slice(split.length + 1) : sample.id;
  return { sample, image: `${split}/${name}.png`, label: `${split}-labels/${name}.png` };
}

async function writeSample(dataset: Dataset, out: string, { sample, image, label }: SamplePaths): Promise<void> {
  const [pixels, map] = await Promise.all([dataset.readImage(sample), dataset.readLabel(sample)]);
  await writeFileAtomic(join(out, image), await encodePng(pixels));
  await writeFileAtomic(join(out, label), encodeLabelMap(map));
}

async function refuseToOverwrite(path: string, force: boolean): Promise<void> {
  if (force || !(await stat(path).catch(() => undefined))) return;
  fail('E_OUT_EXISTS', {
    where: path,
    expected: 'a folder without a dataset',
    got: 'one that holds a dataset',
    todo: 'Choose another folder, or add --force.',
  });
}
