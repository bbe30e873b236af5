import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDropping } from '../common/droppings.js';
import { fail, GearnnError } from '../common/errors.js';
import { canonicalJson } from '../common/files.js';
import type { Progress } from '../common/progress.js';
import { failSplit } from '../data/checks.js';
import type { Dataset } from '../data/dataset.js';
import { compareSource, type Note } from './compare-source.js';
import { isUnknown } from './folder-state.js';
import { JOURNAL } from './journal.js';
import { isIntact } from './level-folder.js';
import { parseLevel } from './level.js';
import { listFiles } from './lists.js';
import { codecsOf, MANIFEST, partOf, readManifest, type Manifest } from './manifest.js';
import { readText } from '../common/text-file.js';

export interface VerifyOptions {
  /** What `prepare` was given. */
  out: string;
  /** Levels that must be there. Default: every level in `out`. */
  levels?: readonly string[];
  /** Splits to check alone. Default: all that a copy holds. */
  splits?: readonly string[];
  /** Also compare with the source, file by file; left out, the copies are only compared with their manifests. */
  dataset?: Dataset;
  progress?: Progress;
  signal?: AbortSignal;
  /** Told where the versions of codecs cannot be compared, as the package that codes videos is missing. */
  warn?: (message: string) => void;
}

/** One thing that is not as it should be. */
export interface DistortProblem {
  level: string;
  /** Relative to `OUT/LEVEL/`. */
  file: string;
  /** `is missing or has changed` and the like: reads on from the file's name. */
  problem: string;
  /** A run of `prepare` without `force` refuses to mend it. */
  needsForce?: true;
}

/** A copy, and its manifest or why that cannot be read. */
interface Found {
  level: string;
  manifest: Manifest | GearnnError;
}

/**
 * Everything that is wrong with distorted copies of a dataset; nothing is written. `prepare` mends all of it, some only with `force`.
 *
 * @throws E_DISTORT_FOLDER if `out` holds no such copy and no levels are named, E_DATA_SPLIT for a split that there is not
 */
export async function verify(options: VerifyOptions): Promise<DistortProblem[]> {
  const { out, splits, dataset } = options;
  const copies = await findCopies(out, options.levels ?? (await levelsIn(out)));
  for (const split of splits ?? []) requireSplit(split, out, copies, dataset);
  const problems: DistortProblem[] = [];
  for (const { level, manifest } of copies) {
    const note: Note = (file, problem, needsForce) =>
      void problems.push({ level, file, problem, ...(needsForce && { needsForce }) });
    if (manifest instanceof GearnnError) {
      note(MANIFEST, `is missing or cannot be read (${manifest.parts.got})`, await isRefused(join(out, level)));
    } else await checkCopy(level, manifest, options, note);
  }
  return problems;
}

async function checkCopy(level: string, manifest: Manifest, options: VerifyOptions, note: Note): Promise<void> {
  const { out, splits, dataset, progress, signal, warn } = options;
  const folder = join(out, level);
  const part = splits ? partOf(manifest, splits) : manifest;
  for (const split of splits ?? []) if (!Object.hasOwn(part.splits, split)) note(MANIFEST, `names no split ${split}`);
  await checkLists(folder, manifest, part, note);
  await checkCodecs(manifest, note, warn);
  for (const [index, file] of part.files.entries()) {
    signal?.throwIfAborted();
    if (!(await isIntact(folder, file))) note(file.path, 'is missing or has changed since it was written');
    progress?.({ task: `check ${level}`, done: index + 1, total: part.files.length, unit: 'files' });
  }
  if (dataset) await compareSource(manifest, part, dataset, note);
}

async function levelsIn(out: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(out).catch(() => [] as string[])) {
    if (isDropping(name)) continue;
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

async function findCopies(out: string, levels: readonly string[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const level of levels) {
    const manifest = await readManifest(join(out, level)).catch((error: unknown) => {
      if (error instanceof GearnnError) return error;
      throw error;
    });
    found.push({ level, manifest });
  }
  return found;
}

/** A split is one of the dataset's or, where that is not known, one of some copy's. @throws E_DATA_SPLIT */
function requireSplit(split: string, out: string, copies: readonly Found[], dataset?: Dataset): void {
  if (dataset) return void dataset.samples(split);
  const known = copies.flatMap(({ manifest }) => (manifest instanceof GearnnError ? [] : Object.keys(manifest.splits)));
  if (known.length > 0 && !known.includes(split)) failSplit(out, split, [...new Set(known)]);
}

/** Whether `prepare` leaves a folder alone whose manifest is missing or cannot be read. */
async function isRefused(folder: string): Promise<boolean> {
  const entries: string[] = await readdir(folder).catch(() => []);
  return entries.includes(MANIFEST) || isUnknown(entries);
}

/** @param part what of the manifest is checked */
async function checkLists(folder: string, manifest: Manifest, part: Manifest, note: Note): Promise<void> {
  const present = await readdir(folder);
  if (present.includes(JOURNAL)) note(JOURNAL, 'is left from a run that did not finish');
  const contents = listFiles(manifest);
  for (const name of listFiles(part).keys()) {
    const text = await readText(join(folder, name)).catch(() => undefined);
    if (text !== contents.get(name)) note(name, 'is missing or does not say what the manifest says');
  }
}

async function checkCodecs({ level, codecs }: Manifest, note: Note, warn: VerifyOptions['warn']): Promise<void> {
  const installed = await codecsOf(parseLevel(level)).catch((error: unknown) => {
    if (!(error instanceof GearnnError) || error.code !== 'E_VIDEO_PACKAGE') throw error;
    warn?.(`${level}: versions of the codecs are not compared, as the package node-av is missing or does not load`);
  });
  if (installed && canonicalJson(codecs) !== canonicalJson(installed)) {
    note(MANIFEST, 'names other versions of the codecs than are installed');
  }
}
