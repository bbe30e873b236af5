import { readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { codesSequences, type Level } from '../../distort/level.js';
import { prepare } from '../../distort/prepare.js';
import { sampleKey } from '../../distort/recordings.js';
import { sliceDataset, type CleanImages } from '../images.js';
import type { Workload } from './workload.js';

/** Writing a level's copy of some samples; a unit is an image with its label. */
export function copyWorkload(images: CleanImages, level: Level): Workload {
  const { dataset, slice, count } = images;
  return {
    kind: `copy at ${level.steps.map(({ kind, gop }) => kind + (gop === undefined ? '' : ' sequences')).join('+')}`,
    key: `copy at ${level.text}`,
    images: count,
    async measure({ folder, signal }) {
      const end = slice.start + underWay(images, level);
      const part = sliceDataset(dataset, { ...slice, end });
      const start = performance.now();
      await prepare({ dataset: part, levels: [level], out: folder, signal });
      const seconds = (performance.now() - start) / 1000;
      const measured = end - slice.start;
      return {
        images: 1,
        seconds: seconds / measured,
        bytes: (await bytesIn(folder)) / measured,
        how: `mean of ${measured} images of ${slice.split}`,
      };
    },
  };
}

/** As many of the samples as are under way at a time in a real run; of a level that codes sequences, those of the first recordings. */
function underWay({ dataset, slice, count, recordings }: CleanImages, level: Level): number {
  const processors = availableParallelism();
  if (!codesSequences(level)) return Math.min(count, 2 * processors);
  const seen = new Set<unknown>();
  const samples = dataset.samples(slice.split).slice(slice.start, slice.start + count);
  const end = samples.findIndex((sample) => seen.add(recordings!.found.get(sampleKey(sample))).size > processors);
  return end < 0 ? count : end;
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const found = await Promise.all(names.map((name) => stat(join(folder, name))));
  return found.filter((entry) => entry.isFile()).reduce((sum, { size }) => sum + size, 0);
}
