import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, GearnnError } from '../common/errors.js';
import { canonicalJson } from '../common/files.js';
import type { Progress } from '../common/progress.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { extensionOf } from './distort.js';
import { JOURNAL } from './journal.js';
import { isIntact } from './level-folder.js';
import { codesSequences, type Level, parseLevel } from './level.js';
import { listFiles } from './lists.js';
import { codecsOf, MANIFEST, readManifest, type Manifest } from './manifest.js';
import { type PlannedSample, planPaths } from './paths.js';
import { findRecordings, keyOf, requireRecordings } from './recordings.js';
import { sourceImage, sourceLabel } from './source-files.js';

export interface VerifyOptions {
  /** What `prepare` was given. */
  out: string;
  /** Levels that must be there; every level in `out` unless said. */
  levels?: readonly string[];
  /** Also compare with the source, file by file; left out, the copies are only compared with their manifests. */
  dataset?: Dataset;
  progress?: Progress;
  signal?: AbortSignal;
}

/** One thing that is not as it should be. */
export interface DistortProblem {
  level: string;
  /** Relative to `OUT/LEVEL/`. */
  file: string;
  /** `is missing or has changed` and the like: reads on from the file's name. */
  problem: string;
}

/**
 * Everything that is wrong with distorted copies of a dataset; nothing is written. `prepare` mends all of it.
 *
 * @throws E_DISTORT_FOLDER if `out` holds no such copy and no levels are named
 */
export async function verify({ out, levels, dataset, progress, signal }: VerifyOptions): Promise<DistortProblem[]> {
  const problems: DistortProblem[] = [];
  for (const level of levels ?? (await levelsIn(out))) {
    const note = (file: string, problem: string): void => void problems.push({ level, file, problem });
    const folder = join(out, level);
    const manifest = await readManifest(folder).catch((error: unknown) => {
      if (!(error instanceof GearnnError)) throw error;
      note(MANIFEST, `is missing or cannot be read (${error.parts.got})`);
    });
    if (!manifest) continue;
    await checkLists(folder, manifest, note);
    for (const [index, file] of manifest.files.entries()) {
      signal?.throwIfAborted();
      if (!(await isIntact(folder, file))) note(file.path, 'is missing or has changed since it was written');
      progress?.({ task: `check ${level}`, done: index + 1, total: manifest.files.length, unit: 'files' });
    }
    if (dataset) await checkSource(manifest, dataset, note);
  }
  return problems;
}

/** Of what a copy's file follows from. */
type HashOf = (sample: Sample) => Promise<string>;

type Note = (file: string, problem: string) => void;

async function levelsIn(out: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(out).catch(() => [])) {
    const files: string[] = await readdir(join(out, name)).catch(() => []);
    if (files.includes(MANIFEST) || files.includes(JOURNAL)) found.push(name);
  }
  if (found.length > 0) return found.sort();
  fail('E_DISTORT_FOLDER', {
    where: out,
    expected: 'datasets that gearnn distort has written',
    got: 'none',
    todo: 'Give the --out of an earlier gearnn distort.',
  });
}

async function checkLists(folder: string, manifest: Manifest, note: Note): Promise<void> {
  const present = await readdir(folder);
  if (present.includes(JOURNAL)) note(JOURNAL, 'is left from a run that did not finish');
  for (const [name, content] of listFiles(manifest)) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text !== content) note(name, 'is missing or does not say what the manifest says');
  }
  if (canonicalJson(manifest.codecs) !== canonicalJson(await codecsOf(parseLevel(manifest.level)))) {
    note(MANIFEST, 'names other versions of the codecs than are installed');
  }
}

async function checkSource(manifest: Manifest, dataset: Dataset, note: Note): Promise<void> {
  const { classes, ignore } = dataset;
  if (canonicalJson({ classes, ignore }) !== canonicalJson({ classes: manifest.classes, ignore: manifest.ignore })) {
    note(MANIFEST, 'is of a dataset with other classes');
  }
  const splits = Object.keys(manifest.splits).filter((split) => dataset.splits.includes(split));
  const level = parseLevel(manifest.level);
  const plan = planPaths(dataset, splits, extensionOf(level));
  const [imageHash, labelHash] = [await imageHasher(dataset, level, plan), labelHasher(dataset)];
  const sources = new Map(manifest.files.map(({ path, source }) => [path, source]));
  for (const { sample, image, label } of plan) {
    for (const [path, hashOf] of [
      [image, imageHash],
      [label, labelHash],
    ] as const) {
      const known = sources.get(path);
      if (known === undefined) note(path, 'is missing: the source has it by now');
      else if (known !== (await hashOf(sample))) note(path, 'is out of date: its source has changed');
    }
  }
  const planned = new Set(plan.flatMap(({ image, label }) => [image, label]));
  for (const path of sources.keys()) if (!planned.has(path)) note(path, 'is no longer in the source');
}

/** What an image of a level follows from: its own file, or all of its recording's where those are coded together. */
async function imageHasher(dataset: Dataset, level: Level, plan: readonly PlannedSample[]): Promise<HashOf> {
  if (!codesSequences(level)) return async (sample) => (await sourceImage(dataset, sample)).hash;
  const recordings = await findRecordings(dataset);
  const samples = plan.map(({ sample }) => sample);
  requireRecordings(dataset, recordings, samples, level);
  return (sample) => recordings.get(keyOf(sample))!.hashOf(sample);
}

function labelHasher(dataset: Dataset): HashOf {
  return async (sample) => (await sourceLabel(dataset, sample)).hash;
}
