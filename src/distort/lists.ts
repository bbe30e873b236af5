import { formatLine } from '../data/list-file.js';
import type { Manifest } from './manifest.js';

/**
 * The text files that make a distorted copy a `list:` dataset: `dataset.json`, and a list of `image label` lines per split.
 *
 * @returns contents by path
 */
export function listFiles({
  task,
  classes,
  ignore,
  resized,
  splits,
}: Pick<Manifest, 'task' | 'classes' | 'ignore' | 'resized' | 'splits'>): Map<string, string> {
  const files = new Map<string, string>();
  const names: Record<string, string> = {};
  for (const [split, samples] of Object.entries(splits)) {
    names[split] = `${encodeURIComponent(split)}.txt`;
    files.set(names[split], samples.map((sample) => `${formatLine(sample)}\n`).join(''));
  }
  files.set('dataset.json', `${JSON.stringify({ task, classes, ignore, resized, splits: names }, null, 2)}\n`);
  return files;
}
