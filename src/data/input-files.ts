import { join } from 'node:path';
import { readText } from '../common/text-file.js';
import { filesOf } from './content.js';
import type { Dataset } from './dataset.js';

/**
 * Every file that a dataset is read from, as far as there are any: images and labels of all splits, its lists and `dataset.json`. Some
 * of the names may be of no file.
 */
export async function inputFilesOf(dataset: Dataset): Promise<string[]> {
  const { root } = dataset;
  if (root === null) return [];
  const lists = ['dataset.json', ...dataset.splits.map((split) => `${split}.txt`), ...(await listsIn(root))];
  const samples = dataset.splits
    .flatMap((split) => dataset.samples(split))
    .flatMap((sample) => filesOf(dataset, sample));
  return [...new Set([...lists.map((name) => join(root, name)), ...samples])];
}

/** Lists may lie in folders below the root. */
async function listsIn(root: string): Promise<string[]> {
  try {
    const { splits } = JSON.parse(await readText(join(root, 'dataset.json'))) as { splits?: object };
    return Object.values(splits ?? {}).filter((file): file is string => typeof file === 'string');
  } catch {
    // Only list datasets have one; what is wrong with it is said where it is read.
    return [];
  }
}
