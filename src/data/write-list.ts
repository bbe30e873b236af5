import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { writeFileAtomic, writeJsonAtomic } from '../common/files.js';
import { keepInputs } from '../common/same-file.js';
import { forEachParallel } from '../common/parallel.js';
import type { Progress } from '../common/progress.js';
import { encodePng } from '../image/encode.js';
import { encodeLabelMap } from '../image/labels.js';
import type { Dataset, Sample } from './dataset.js';
import { formatLine } from './list-file.js';
import { inputFilesOf } from './input-files.js';

/** Samples written at a time. */
const AT_ONCE = 4;

export interface WriteListOptions {
  /** Default: all of them. */
  splits?: string[];
  /** The first so many samples of each split. Default: all. */
  count?: number;
  /** Write into a folder that holds a dataset already. */
  force?: boolean;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Writes a dataset as a list dataset: `SPLIT/ID.png`, `SPLIT-labels/ID.png` where labels have files, `SPLIT.txt` and, when all else is there, `dataset.json`.
 *
 * @returns samples written, by split
 * @throws E_USAGE where a file of the dataset itself would be written over, E_OUT_EXISTS if `out` holds a dataset and `force` is not given, E_DATA_SPLIT, E_DISTORT_PATH for a file that would lie
 *   outside `out`, and what reading a sample throws
 */
export async function writeListDataset(
  dataset: Dataset,
  out: string,
  { splits = dataset.splits, count, force = false, progress, signal }: WriteListOptions = {},
): Promise<Record<string, number>> {
  const { labelFiles } = dataset.targets;
  const samples = (split: string): Sample[] => dataset.samples(split).slice(0, count);
  const plan = new Map(
    splits.map((split) => [split, samples(split).map((sample) => pathsOf(split, sample, labelFiles))]),
  );
  const description = join(out, 'dataset.json');
  const written = [...plan].flatMap(([split, lines]) => [
    `${split}.txt`,
    ...lines.flatMap(({ image, label }) => (labelFiles ? [image, label] : [image])),
  ]);
  refuseTwins(written);
  await keepInputs(
    ['dataset.json', ...written].map((path) => ({ name: '--out', path: join(out, path) })),
    (await inputFilesOf(dataset)).map((path) => ({ name: dataset.spec, path })),
  );
  await refuseToOverwrite(description, force);
  // Until all is there the folder is no dataset, whatever it was before.
  await rm(description, { force: true });
  for (const [split, lines] of plan) {
    let done = 0;
    await forEachParallel(
      lines,
      AT_ONCE,
      async (paths) => {
        await writeSample(dataset, out, paths);
        progress?.({ task: `write ${split}`, done: ++done, total: lines.length, unit: 'samples' });
      },
      signal,
    );
    const text = lines.map((line) => `${formatLine(line)}\n`).join('');
    await writeFileAtomic(join(out, `${split}.txt`), text);
  }
  const { classes, ignore, resized, recordings } = dataset;
  await writeJsonAtomic(description, {
    ...(dataset.targets.name !== 'segmentation' && { task: dataset.targets.name }),
    classes,
    ignore,
    splits: Object.fromEntries(splits.map((split) => [split, `${split}.txt`])),
    ...(resized && { resized }),
    ...(recordings?.gap !== undefined && { frameGap: recordings.gap }),
  });
  return Object.fromEntries(splits.map((split) => [split, plan.get(split)!.length]));
}

interface SamplePaths {
  sample: Sample;
  image: string;
  label: string;
}

/**
 * Ids of some datasets start with the split, which is the folder's name here.
 *
 * @throws E_DISTORT_PATH for a split or an id that leads out of the folder
 */
function pathsOf(split: string, sample: Sample, labelFiles: boolean): SamplePaths {
  const name = sample.id.startsWith(`${split}/`) ? sample.id.slice(split.length + 1) : sample.id;
  if (`${split}/${name}`.split('/').includes('..')) {
    fail('E_DISTORT_PATH', {
      where: sample.image || sample.id,
      expected: "a path within the dataset's folder",
      got: 'one that may lie outside it',
      todo: 'Make the dataset of the folder above that holds all its files.',
    });
  }
  const label = labelFiles ? `${split}-labels/${name}.png` : sample.label;
  return { sample, image: `${split}/${name}.png`, label };
}

async function writeSample(dataset: Dataset, out: string, { sample, image, label }: SamplePaths): Promise<void> {
  const map = dataset.targets.labelFiles ? await dataset.readLabel(sample) : undefined;
  await writeFileAtomic(join(out, image), await encodePng(await dataset.readImage(sample)));
  if (map) await writeFileAtomic(join(out, label), encodeLabelMap(map));
}

/** Labels of a split `val` go where images of one named `val-labels` do. */
function refuseTwins(paths: readonly string[]): void {
  const known = new Set<string>();
  for (const path of paths) {
    if (known.has(path)) {
      fail('E_DISTORT_PATH', {
        where: path,
        expected: 'a path of its own for each file',
        got: 'two files of that path: labels of one split, and images of another',
        todo: 'Write the splits into folders of their own, by --subset.',
      });
    }
    known.add(path);
  }
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
