import { readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Level } from '../../distort/level.js';
import { prepare } from '../../distort/prepare.js';
import { sliceDataset, type CleanImages } from '../images.js';
import type { Work } from './work.js';

/** Writing a level's copy of some samples; a unit is an image with its label. */
export function copyWork({ dataset, slice, count }: CleanImages, level: Level): Work {
  return {
    kind: `copy at ${level.steps.map(({ kind }) => kind).join('+')}`,
    key: `copy at ${level.text}`,
    images: count,
    async measure({ folder, signal }) {
      // As many as are under way at a time in a real run.
      const end = slice.start + Math.min(count, 2 * availableParallelism());
      const part = sliceDataset(dataset, { ...slice, end });
      const start = performance.now();
      await prepare({ dataset: part, levels: [level], out: folder, signal });
      const seconds = (performance.now() - start) / 1000;
      const images = end - slice.start;
      return {
        images: 1,
        seconds: seconds / images,
        bytes: (await bytesIn(folder)) / images,
        how: `mean of ${images} images of ${slice.split}`,
      };
    },
  };
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
