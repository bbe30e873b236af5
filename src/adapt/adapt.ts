import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { adaptorHash, type CalibrationRow, readCalibration, writeCalibration } from '../adaptor/calibration.js';
import { fail } from '../common/errors.js';
import { writeJsonAtomic } from '../common/files.js';
import { makeFolder } from '../common/folders.js';
import { openDataset } from '../data/registry.js';
import { formatSlice } from '../data/slice.js';
import { distinctLevels } from '../distort/level-folders.js';
import { loadCheckpoint, networkOf, type Checkpoint } from '../models/checkpoint.js';
import { trainedSize } from '../models/checkpoint-config.js';
import type { Interval } from '../eval/bootstrap.js';
import { requireTask } from '../eval/require-task.js';
import { taskOf } from '../tasks/registry.js';
import { recordedSettings } from '../train/recorded.js';
import { parseObjective } from '../train/objectives/registry.js';
import type { Dataset } from '../data/dataset.js';
import { commonSize } from './common-size.js';
import { divide } from './division.js';
import { Judge } from './judge.js';
import { nameOf } from './trained-on.js';
import { adaptLevel } from './level.js';
import { ADAPT, type AdaptRow, type AdaptOptions, type AdaptOutcome } from './options.js';
import { stepSize, type StepSize } from './step-size.js';
import { parseWays } from './ways.js';

/** What is made on the way lies in here, within OUT, until the call is through. */
const WORK = '.adapt';

/** The table of the last call, within OUT. */
export const RECORD = 'adapt.json';

/**
 * Adapts a network to levels, from a checkpoint and pictures to adaptors that are worth having: a level's adaptor is kept only where it is better than
 * the network as it is on pictures that it was not trained on. An interrupted call goes on with `resume`.
 *
 * @throws E_OUT_EXISTS, E_TRAIN_UNFINISHED; E_CALIBRATION for a damaged file in `out`; E_TRAIN_DATA for too few pictures; and what `finetune` and `evaluate` throw
 */
export async function adapt(options: AdaptOptions): Promise<AdaptOutcome> {
  const { out, resume = false, force = false, signal } = options;
  const levels = distinctLevels([...options.levels], '--level');
  parseWays(options.how ?? ADAPT.how, true);
  const work = join(out, WORK);
  refuseWhatIsThere(out, levels, { resume, force });
  // Before a training whose row could not be kept.
  await readCalibration(out);
  const base = await loadCheckpoint(options.checkpoint);
  const dataset = await openDataset(options.data);
  const division = divide(dataset);
  const agreement = !parseObjective(options.objective ?? ADAPT.objective).needsTarget;
  const { engine, workers, progress } = options;
  if (force) await rm(work, { recursive: true, force: true });
  await makeFolder(work);
  const judge = new Judge({ base, dataset, agreement, precision: engine.precision, workers, progress, signal });
  const metric = taskOf(base.config).metric(base.config.classes.length);
  const outcome: AdaptOutcome = {
    ...{ score: metric.primary, heading: metric.headings[metric.primary]!, agreement },
    ...{ pictures: division.counts, rows: [] },
  };
  const measuredRow = async ({ level, before, after, kept }: AdaptRow, gain: Interval): Promise<CalibrationRow> => ({
    ...{ level, serves: kept && gain.difference > 0, adaptor: level, share: 1, candidates: 1, agreement },
    ...{ score: metric.primary, base: before, candidate: after },
    ...{ gain: gain.difference, low: gain.low, high: gain.high },
    ...{ data: nameOf(dataset), samples: formatSlice(division.measure), images: division.counts.measure },
    hashes: kept ? { [level]: await adaptorHash(join(out, level)) } : {},
  });
  try {
    const setting = { options, division, judge, base, ...(await stepOf(options, base, dataset, agreement)) };
    for (const level of levels) {
      const { row, folder, gain } = await adaptLevel(setting, level, join(work, level));
      await place(row.kept ? folder : undefined, join(out, level), join(work, 'moving'));
      if (gain && !Number.isNaN(row.before)) await writeCalibration(out, base.hash, [await measuredRow(row, gain)]);
      outcome.rows.push(row);
      if (Number.isNaN(row.before)) options.warn?.(nothingToMeasure(dataset, metric.headings[metric.primary]!));
      options.onRow?.(row);
    }
    await writeJsonAtomic(join(out, RECORD), { format: 'gearnn-adapt', version: 1, ...outcome });
    await rm(work, { recursive: true, force: true });
    return outcome;
  } finally {
    judge.dispose();
  }
}

/** @throws E_OUT_EXISTS where an adaptor of a level is there, E_TRAIN_UNFINISHED where a call was interrupted, E_USAGE for both options */
function refuseWhatIsThere(
  out: string,
  levels: string[],
  { resume, force }: { resume: boolean; force: boolean },
): void {
  if (resume && force) fail('E_USAGE', { where: '--resume', expected: '--resume or --force', got: 'both' });
  if (resume || force) return;
  if (existsSync(join(out, WORK))) {
    fail('E_TRAIN_UNFINISHED', {
      where: out,
      expected: 'no interrupted call',
      got: `one that left ${join(out, WORK)}`,
      todo: 'Go on with it: --resume; or start anew: --force.',
    });
  }
  const there = levels.find((level) => existsSync(join(out, level)));
  if (there === undefined) return;
  fail('E_OUT_EXISTS', {
    where: join(out, there),
    expected: 'no adaptor of that level yet',
    got: 'one',
    todo: 'Use --force to replace it, or choose another --out.',
  });
}

/**
 * Puts a level's adaptor in its place, whole or not at all; one that was there before goes, as it belongs to another call.
 *
 * @param moving folder for what is on its way, on the same disk
 */
async function place(from: string | undefined, to: string, moving: string): Promise<void> {
  const [fresh, old] = [join(moving, 'new'), join(moving, 'old')];
  await rm(moving, { recursive: true, force: true });
  await makeFolder(moving);
  if (from !== undefined) await cp(from, fresh, { recursive: true });
  if (existsSync(to)) await rename(to, old);
  if (from !== undefined) await rename(fresh, to);
}

/**
 * What a training step looks at: as the options say, or as {@link stepSize} has it. A network that finds objects, or brings each picture to a size of its
 * own, sees pictures as it was trained on them: a crop cuts through what it is to find.
 */
export async function stepOf(
  { batch, size }: AdaptOptions,
  base: Checkpoint,
  dataset: Dataset,
  agreement: boolean,
): Promise<Partial<StepSize>> {
  const network = networkOf(base);
  try {
    if (!agreement) requireTask(dataset, network);
    const { stride, preprocessing } = network.input;
    const known = network.openSampler || preprocessing.fit ? trainedSize(base.config) : undefined;
    const recorded = recordedSettings(base.config).batch;
    if (network.openSampler && !size && !known) return { batch: batch ?? recorded };
    return stepSize({
      picture: await commonSize(dataset, dataset.samples('train')),
      stride,
      own: base.config.onnx?.input.size,
      batch: batch ?? (known && recorded),
      size: size ?? (known && [known.height, known.width]),
    });
  } finally {
    network.dispose();
  }
}

function nothingToMeasure({ spec }: Dataset, heading: string): string {
  return `${heading} says nothing of ${spec}: no answer holds anything to compare. Give pictures that show what the network looks for`;
}
