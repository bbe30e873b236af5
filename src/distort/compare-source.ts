import { canonicalJson } from '../common/files.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { extensionOf } from './distort.js';
import { codesSequences, type Level, parseLevel } from './level.js';
import { MANIFEST, type Manifest } from './manifest.js';
import { type PlannedSample, planPaths } from './paths.js';
import { findRecordings, sampleKey, requireRecordings } from './recordings.js';
import { sourceImage, sourceLabel } from './source-files.js';

/** Notes what is wrong with a file of a copy; `needsForce` where a run without `force` does not mend it. */
export type Note = (file: string, problem: string, needsForce?: boolean) => void;

/** Of what a copy's file follows from. */
type HashOf = (sample: Sample) => Promise<string>;

/**
 * Notes what of a copy is out of date, new or gone in its source.
 *
 * @param part what of the manifest is compared: some of its splits
 */
export async function compareSource(manifest: Manifest, part: Manifest, dataset: Dataset, note: Note): Promise<void> {
  const { classes, ignore } = dataset;
  if (canonicalJson({ classes, ignore }) !== canonicalJson({ classes: manifest.classes, ignore: manifest.ignore })) {
    note(MANIFEST, 'is of a dataset with other classes', true);
  }
  const level = parseLevel(manifest.level);
  // All splits: which path a file has may depend on those of the others.
  const splits = Object.keys(manifest.splits).filter((split) => dataset.splits.includes(split));
  const all = planPaths(dataset, splits, extensionOf(level));
  const plan = all.filter(({ split }) => Object.hasOwn(part.splits, split));
  const [imageHash, labelHash] = [await imageHasher(dataset, level, plan), labelHasher(dataset)];
  const sources = new Map(manifest.files.map(({ path, source }) => [path, source]));
  for (const { sample, image, label, files } of plan) {
    for (const [path, hashOf] of [
      [image, imageHash],
      [label, labelHash],
    ] as const) {
      if (!files.includes(path)) continue;
      const known = sources.get(path);
      if (known === undefined) note(path, 'is missing: the source has it by now');
      else if (known !== (await hashOf(sample))) note(path, 'is out of date: its source has changed');
    }
  }
  const planned = new Set(all.flatMap(({ files }) => files));
  for (const { path } of part.files) if (!planned.has(path)) note(path, 'is no longer in the source');
}

/** What an image of a level follows from: its own file, or all of its recording's where those are coded together. */
async function imageHasher(dataset: Dataset, level: Level, plan: readonly PlannedSample[]): Promise<HashOf> {
  if (!codesSequences(level)) return async (sample) => (await sourceImage(dataset, sample)).hash;
  const recordings = await findRecordings(dataset);
  const samples = plan.map(({ sample }) => sample);
  requireRecordings(dataset, recordings, samples, level);
  return (sample) => recordings.get(sampleKey(sample))!.hashOf(sample);
}

function labelHasher(dataset: Dataset): HashOf {
  return async (sample) => (await sourceLabel(dataset, sample)).hash;
}
