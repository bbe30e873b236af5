import { join } from 'node:path';
import { AdaptorBank } from '../adaptor/bank.js';
import { CALIBRATION, type CalibrationRow, readCalibration, writeCalibration } from '../adaptor/calibration.js';
import { changingNames } from '../adaptor/changing.js';
import { type Adaptor, loadAdaptor } from '../adaptor/file.js';
import { adaptorRoot, listAdaptors } from '../adaptor/list.js';
import { changedBy } from '../adaptor/merge.js';
import { fail } from '../common/errors.js';
import { attempt } from '../common/outcome.js';
import type { Dataset } from '../data/dataset.js';
import { openDataset } from '../data/registry.js';
import { formatSlice, sliceIds, type Slice } from '../data/slice.js';
import { distinctLevels } from '../distort/level-folders.js';
import { sourceAt } from '../distort/level-source.js';
import { CLEAN, parseLevel } from '../distort/level.js';
import { answersAsTargets } from '../eval/answers.js';
import { isEnough } from '../eval/bootstrap.js';
import { evaluate } from '../eval/evaluate.js';
import { createPredictor } from '../eval/predictor.js';
import { requireTask } from '../eval/require-task.js';
import { loadCheckpoint, networkOf } from '../models/checkpoint.js';
import { taskOf } from '../tasks/registry.js';
import { CALIBRATE, type CalibrateOptions, type CalibrateOutcome, SHARES } from './calibrate-options.js';
import { type Measured, rowOf, surestOf } from './measured-row.js';
import { nameOf, trainedOn } from './trained-on.js';

/** An adaptor of the folder. */
interface Own extends Adaptor {
  level: string;
  hash: string;
}

/**
 * Measures every adaptor at its own level, whole and scaled, and the adaptors of the neighbouring levels of the same kind there, against the base on frames
 * that none of them was trained on, and writes into the adaptors' folder what serves which level. A candidate serves only where the interval of its gain lies
 * above 0; else the base does.
 *
 * @throws E_CALIBRATE for too few frames, and for frames that an adaptor was trained on; E_CALIBRATION for a damaged file; E_ADAPTOR, E_ADAPTOR_BASE_MISMATCH, E_DATA_TASK,
 *   E_USAGE, also for shares; the signal's reason, and then nothing is written
 */
export async function calibrate(options: CalibrateOptions): Promise<CalibrateOutcome> {
  const { data, workers, progress, signal, precision, warn, block = CALIBRATE.block } = options;
  const shares = options.shares && distinctShares(options.shares);
  const base = await loadCheckpoint(options.checkpoint);
  const dataset = await openDataset(data);
  const slice: Slice = options.samples ?? { split: CALIBRATE.split, start: 0 };
  const samples = sliceIds(dataset, slice, '--samples');
  if (!isEnough(samples.length, block)) refuseFew(dataset, slice, samples.length, block);
  const agreement = (options.objective ?? (dataset.targets.name === 'none' ? 'teacher' : 'labels')) === 'teacher';
  const root = adaptorRoot(options.adaptors);
  // Before minutes of measuring whose rows could not be kept.
  await readCalibration(root);
  const adaptors: Own[] = [];
  for (const { level, folder } of await listAdaptors(root)) {
    adaptors.push({ level, ...(await loadAdaptor(folder, base)) });
  }
  const levels = wanted(adaptors, options.levels, root);
  const compared = new Set(
    levels.flatMap((level) => candidatesFor(adaptors, level, shares).map(({ adaptor }) => adaptor)),
  );
  const used = adaptors.filter(({ level }) => compared.has(level));
  for (const adaptor of used) requireUnseen(adaptor, dataset, samples, warn);

  const task = taskOf(base.config);
  const metric = task.metric(base.config.classes.length);
  const network = networkOf(base);
  const bank = new AdaptorBank(network);
  const changing = changingNames(
    network,
    used.flatMap(({ config }) => changedBy(config)),
  );
  const predictor = createPredictor(network, task, { precision, changing });
  const rows: CalibrationRow[] = [];
  const source = (level: string) => sourceAt({ data }, level);
  const frames = { split: slice.split, samples, workers, progress, signal };
  try {
    if (!agreement) requireTask(dataset, network);
    const truths = agreement
      ? await answersAsTargets({ predictor, source: source(CLEAN.text), ...frames, task: 'clean answers of the base' })
      : undefined;
    for (const level of levels) {
      const score = async (title: string): Promise<Pick<Measured, 'score' | 'counts'>> => {
        const counts: unknown[] = [];
        const run = { ...{ network, predictor, truths, ...frames }, source: source(parseLevel(level).text) };
        const onImage = (one: unknown): number => counts.push(one);
        const { scores, primary } = await evaluate({ ...run, task: `${level}: ${title}`, onImage });
        return { score: scores[primary]!, counts };
      };
      const original = await score('base');
      const heading = metric.headings[metric.primary]!;
      if (Number.isNaN(original.score)) {
        warn?.(`${level}: ${heading} says nothing of ${data}: no answer or label holds anything to compare`);
        continue;
      }
      const measured: Measured[] = [];
      for (const { adaptor, share } of candidatesFor(adaptors, level, shares)) {
        const found = adaptors.find((one) => one.level === adaptor)!;
        bank.addAdaptor(found, share);
        bank.swap(adaptor);
        measured.push({ adaptor, share, ...(await score(share === 1 ? adaptor : `${share} of ${adaptor}`)) });
        bank.remove(adaptor);
      }
      const best = surestOf(metric, original.counts, measured, { block, resamples: CALIBRATE.resamples });
      const involved = adaptors.filter((one) => one.level === level || one.level === best.adaptor);
      const row = rowOf(best, {
        ...{ level, score: metric.primary, base: original.score, candidates: measured.length, agreement },
        ...{ data: nameOf(dataset), samples: formatSlice(slice) },
        hashes: Object.fromEntries(involved.map((one) => [one.level, one.hash])),
      });
      rows.push(row);
      options.onRow?.(row);
    }
  } finally {
    predictor.dispose();
    bank.dispose();
    network.dispose();
  }
  await writeCalibration(root, base.hash, rows);
  return { path: join(root, CALIBRATION), heading: metric.headings[metric.primary]!, rows };
}

/** What is compared with the base at a level: its own adaptor by several shares, and its neighbours' whole; or by certain shares alone. */
function candidatesFor(
  adaptors: readonly Own[],
  level: string,
  shares: readonly number[] | undefined,
): Pick<Measured, 'adaptor' | 'share'>[] {
  if (shares) return shares.map((share) => ({ adaptor: level, share }));
  return [
    ...SHARES.map((share) => ({ adaptor: level, share })),
    ...neighboursOf(adaptors, level).map((adaptor) => ({ adaptor, share: 1 })),
  ];
}

/** @throws E_USAGE for none, and for what is no share */
function distinctShares(shares: readonly number[]): number[] {
  const wrong = shares.find((share) => !(share > 0 && share <= 1));
  if (wrong !== undefined || shares.length === 0) {
    fail('E_USAGE', {
      where: '--share',
      expected: 'shares over 0 and up to 1',
      got: wrong === undefined ? 'none' : String(wrong),
    });
  }
  return [...new Set(shares)];
}

/** Levels of the adaptors before and after a level's own, of the same kind of distortion. */
function neighboursOf(adaptors: readonly Own[], level: string): string[] {
  const kind = kindsOf(level);
  const alike = adaptors.map((one) => one.level).filter((other) => kindsOf(other) === kind);
  const at = alike.indexOf(level);
  return [alike[at - 1], alike[at + 1]].filter((other) => other !== undefined);
}

/** `brightness+jpeg`, or of a level that is none, such as a mixture's name, itself. */
function kindsOf(level: string): string {
  const read = attempt(() => parseLevel(level));
  return read instanceof Error ? level : read.steps.map(({ kind, gop }) => `${kind}${gop ?? ''}`).join('+');
}

/** The levels to measure. @throws E_USAGE for one without an adaptor, and where there are none */
function wanted(adaptors: readonly Own[], asked: readonly string[] | undefined, root: string): string[] {
  const known = adaptors.map(({ level }) => level);
  const measurable = known.filter((level) => !(attempt(() => parseLevel(level)) instanceof Error));
  const levels = asked === undefined ? measurable : distinctLevels([...asked], '--level');
  const strange = levels.find((level) => !known.includes(level));
  if (levels.length > 0 && strange === undefined) return levels;
  return fail('E_USAGE', {
    where: strange === undefined ? '--adaptors' : '--level',
    expected: strange === undefined ? `adaptors in ${root}` : `one of ${known.join(', ')}`,
    got: strange ?? 'none',
  });
}

/** @throws E_CALIBRATE where an adaptor was trained on some of the frames, or may have been */
function requireUnseen(
  { level, config, folder }: Own,
  dataset: Dataset,
  samples: readonly string[],
  warn?: (message: string) => void,
): void {
  const trained = trainedOn(config.training, dataset);
  if (!trained.known) {
    warn?.(`${level}: nothing tells whether its adaptor was trained on frames of ${dataset.spec}`);
    return;
  }
  const seen = samples.filter((id) => trained.ids.has(id)).length;
  if (seen === 0) return;
  fail('E_CALIBRATE', {
    where: folder,
    expected: `frames of ${dataset.spec} that the adaptor was not trained on`,
    got: trained.exact
      ? `${seen} of ${samples.length} that it was trained on`
      : `${seen} of ${samples.length} from the part that it was trained on some of`,
    todo: 'Choose others with --samples, such as val or all[drive=NAME].',
  });
}

function refuseFew({ spec }: Dataset, slice: Slice, images: number, block: number): never {
  fail('E_CALIBRATE', {
    where: `${spec} ${formatSlice(slice)}`,
    expected: `${5 * block} frames or more, as intervals draw ${block} neighbours together`,
    got: String(images),
    todo: 'Choose more with --samples, or where no two frames are alike a smaller --block.',
  });
}
