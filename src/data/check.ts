import { GearnnError, type ErrorCode } from '../common/errors.js';
import { forEachParallel } from '../common/parallel.js';
import type { Progress } from '../common/progress.js';
import { explainSystemError, isOfProcess } from '../common/system-error.js';
import type { Dataset, Sample } from './dataset.js';
import { type TurnedFile, orientationWarnings } from './orientations.js';
import { addTarget, emptyCounts } from './label-counts.js';
import type { Pair } from './pair.js';
import { openDataset } from './registry.js';
import { whereOf } from './where.js';
import { SameImages } from './same-images.js';
import { labelWarnings } from './teaching.js';
import type { Warning } from './warning.js';

/** Samples read at a time. */
const AT_ONCE = 4;

export interface Problem {
  code: ErrorCode;
  /** The split and the sample that it was found in; null for what concerns a list or the whole dataset. */
  split: string | null;
  id: string | null;
  /** What is wrong, with the file and what to do. */
  message: string;
}

export interface CheckResult {
  spec: string;
  /** Samples by split, those with problems included. */
  samples: Record<string, number>;
  /** In the order of splits and samples. */
  problems: Problem[];
  /** What keeps the data from teaching or measuring what it should, or may, though every file is right. */
  warnings: Warning[];
}

export interface CheckOptions {
  /** Default: all of them. */
  splits?: string[];
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Reads every line, image and label of a dataset and collects what is wrong, and what would teach nothing.
 *
 * @throws E_DATA_SPEC, E_DATA_SPLIT, and the system's errors that are about the process as a whole (EMFILE, ENOMEM)
 */
export async function checkDataset(spec: string, options: CheckOptions = {}): Promise<CheckResult> {
  const problems: Problem[] = [];
  const dataset = await collect(problems, (report) => openDataset(spec, report));
  if (!dataset) return { spec, samples: {}, problems, warnings: [] };
  const samples = (options.splits ?? dataset.splits).flatMap((split) =>
    dataset.samples(split).map((sample) => ({ split, sample })),
  );
  const splits = options.splits ?? dataset.splits;
  const counts = new Map(
    splits.map((split) => [split, emptyCounts(split, dataset.samples(split).length, dataset.classes.length)]),
  );
  const images = new SameImages();
  const turned: TurnedFile[] = [];
  const found = await checkSamples(dataset, samples, options, turned, (split, { id, label }, { image, target }) => {
    images.add(split, id, image, dataset.targets.labelFiles ? undefined : label);
    addTarget(counts.get(split)!, id, dataset.targets.ids(target), dataset.ignore);
  });
  return {
    spec,
    samples: Object.fromEntries([...counts].map(([split, count]) => [split, count.samples])),
    problems: [...problems, ...found],
    warnings: [
      ...(dataset.unlabelled ? [] : labelWarnings([...counts.values()], dataset)),
      ...images.warnings(),
      ...orientationWarnings(turned),
    ],
  };
}

/** What opening gives; undefined if it failed. Problems on the way are collected, a wrong call is thrown. */
async function collect(
  problems: Problem[],
  open: (report: (problem: GearnnError) => void) => Promise<Dataset>,
): Promise<Dataset | undefined> {
  const report = ({ code, message }: GearnnError): number => problems.push({ code, split: null, id: null, message });
  try {
    return await open(report);
  } catch (error) {
    const known = asProblem(error);
    if (known.code === 'E_DATA_SPEC') throw error;
    report(known);
    return undefined;
  }
}

async function checkSamples(
  dataset: Dataset,
  samples: { split: string; sample: Sample }[],
  { progress, signal }: CheckOptions,
  turned: TurnedFile[],
  onRead: (split: string, sample: Sample, pair: Pair) => void,
): Promise<Problem[]> {
  const turnedBySample: (TurnedFile | undefined)[] = [];
  const found: Problem[][] = [];
  let done = 0;
  await forEachParallel(
    samples.entries(),
    AT_ONCE,
    async ([index, { split, sample }]) => {
      const errors = await problemsOf(dataset, sample, (pair) => onRead(split, sample, pair));
      turnedBySample[index] = await dataset.turned?.(sample).catch(() => undefined);
      found[index] = errors.map(({ code, message }) => ({ code, split, id: sample.id, message }));
      progress?.({ task: `check ${dataset.spec}`, done: ++done, total: samples.length, unit: 'samples' });
    },
    signal,
  );
  turned.push(...turnedBySample.filter((file) => file !== undefined));
  return found.flat();
}

/** Each error of a sample once: reading its labels looks at the image too. */
async function problemsOf(dataset: Dataset, sample: Sample, onRead: (pair: Pair) => void): Promise<GearnnError[]> {
  const errors = new Map<string, GearnnError>();
  const attempt = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      const known = asProblem(error);
      errors.set(`${known.code} ${known.parts.where}`, known);
      return undefined;
    }
  };
  // One after the other, so that problems come in the same order every time; other samples are read meanwhile.
  const image = await attempt(() => dataset.readImage(sample));
  const target = await attempt(() => dataset.readTarget(sample));
  if (image && target !== undefined) {
    const { targets, resized } = dataset;
    await attempt(async () => targets.check?.(target, image, whereOf(dataset, sample), resized));
    for (const error of (await attempt(async () => dataset.inspect?.(sample))) ?? []) {
      errors.set(`${error.code} ${error.message}`, error);
    }
    if (errors.size === 0) onRead({ image, target });
  }
  const { readInstances } = dataset;
  if (readInstances) await attempt(() => readInstances.call(dataset, sample).catch(allowMissing));
  return [...errors.values()];
}

/** The problem that an error is: what the system says of a file is one, what it says of the process is not. */
function asProblem(error: unknown): GearnnError {
  const known = error instanceof GearnnError ? error : explainSystemError(error);
  if (known === undefined || isOfProcess(known)) throw error;
  return known;
}

/** Object ids are an extra: only what is there has to be right. */
function allowMissing(error: unknown): void {
  if (!(error instanceof GearnnError && error.code === 'E_DATA_MISSING')) throw error;
}
