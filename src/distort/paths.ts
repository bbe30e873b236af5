import { posix } from 'node:path';
import { fail } from '../common/errors.js';
import type { Dataset, Sample } from '../data/dataset.js';

/** Where a sample's files lie in a distorted copy of its dataset. */
export interface PlannedSample {
  split: string;
  sample: Sample;
  /** Path relative to the copy's folder, with `/`. */
  image: string;
  /** The same, or what the sample shows where labels have no files. */
  label: string;
  /** The paths among these. */
  files: string[];
}

/**
 * The paths of a distorted copy: those of the source, with the extension of the files that the level makes. Where that
 * path is a label's or another image's, the extension is appended: `a.png.jpg`. Procedural datasets get a folder per split.
 *
 * @param extension of the images, with its dot
 * @throws E_DISTORT_PATH if two files would still share a path, or one lies outside the dataset's folder
 */
export function planPaths(dataset: Dataset, splits: readonly string[], extension: string): PlannedSample[] {
  const owners = new Map<string, string>();
  const samples = splits.flatMap((split) => dataset.samples(split).map((sample) => ({ split, sample })));
  // Labels first: they keep their paths, and images make way.
  const { labelFiles } = dataset.targets;
  const labels = samples.map(({ split, sample }) => {
    if (!labelFiles) return sample.label;
    const source = sample.label || `${split}-labels/${withoutSplit(sample.id, split)}`;
    return place(source, [withExtension(source, '.png'), `${source}.png`], owners);
  });
  return samples.map(({ split, sample }, i) => {
    const source = sample.image || `${split}/${withoutSplit(sample.id, split)}`;
    const image = place(source, [withExtension(source, extension), `${source}${extension}`], owners);
    const label = labels[i]!;
    return { split, sample, image, label, files: labelFiles ? [image, label] : [image] };
  });
}

function place(source: string, candidates: string[], owners: Map<string, string>): string {
  for (const candidate of candidates) {
    const path = posix.normalize(candidate);
    if (posix.isAbsolute(path) || path.startsWith('../')) {
      fail('E_DISTORT_PATH', {
        where: source,
        expected: "a path within the dataset's folder",
        got: 'one outside it',
        todo: 'Make the dataset of the folder above that holds all its files.',
      });
    }
    const owner = owners.get(path) ?? source;
    if (owner !== source) continue;
    owners.set(path, source);
    return path;
  }
  fail('E_DISTORT_PATH', {
    where: source,
    expected: 'a path of its own in the distorted copy',
    got: `${candidates[0]}, which is also that of ${owners.get(posix.normalize(candidates[0]!))}`,
    todo: 'Rename one of the two, or put images and labels into folders of their own.',
  });
}

/** `val/0007` -> `0007` of the split `val`; ids of procedural datasets may or may not start with their split. */
function withoutSplit(id: string, split: string): string {
  return id.startsWith(`${split}/`) ? id.slice(split.length + 1) : id;
}

function withExtension(path: string, extension: string): string {
  const { dir, name, ext } = posix.parse(path);
  return posix.join(dir, ext.toLowerCase() === extension ? name + ext : name + extension);
}
