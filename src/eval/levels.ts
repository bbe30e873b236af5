import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AdaptorBank } from '../adaptor/bank.js';
import { changingNames } from '../adaptor/changing.js';
import { changedBy } from '../adaptor/merge.js';
import { type CalibrationUse, type Served, Serving } from '../adaptor/serving.js';
import { fail } from '../common/errors.js';
import type { Progress } from '../common/progress.js';
import type { InferSize } from '../data/enlarged-source.js';
import { openDataset } from '../data/registry.js';
import { distinctLevels, levelFolders } from '../distort/level-folders.js';
import { sourceAt } from '../distort/level-source.js';
import { CLEAN, parseLevel } from '../distort/level.js';
import type { Precision } from '../engine/precision.js';
import { loadCheckpoint, networkOf, type Checkpoint } from '../models/checkpoint.js';
import { taskOf } from '../tasks/registry.js';
import { totalParameters } from '../select/items.js';
import { answersAsTargets } from './answers.js';
import { asDetector, type Run } from './boxes.js';
import { evaluate, type Evaluation } from './evaluate.js';
import { createPredictor, type Predictor, type PredictorOptions } from './predictor.js';
import { requireCopies } from './prepared.js';

/** `original`: the base at every level. `switching`: a whole network per level. `adaptor`: the base with that level's adaptor. */
export type Method = 'original' | 'switching' | 'adaptor';

/** One cell of the table: a method at a level. */
export interface LevelRow extends Evaluation {
  method: Method;
  level: string;
  /** State values that differ from network to network when this method serves this level: the whole network, or base and adaptor. */
  parameters: number;
  /** Of an adaptor's row, why something else answered than the level's own adaptor as it is. */
  reason?: string;
  /** Of each image, in their order: what the task's metric makes scores of. */
  counts: readonly unknown[];
}

export interface EvaluateLevelsOptions {
  /** Folder of the base. */
  checkpoint: string;
  /** Folder of adaptors, `ADAPTORS/LEVEL/`. */
  adaptors?: string;
  /** Whether adaptors answer as the folder's calibration says. Default: `known`. */
  calibration?: CalibrationUse;
  /** Folder of full fine-tunes, a checkpoint in each `TUNED/LEVEL/`. */
  tuned?: string;
  /** Specification of the clean dataset. */
  data: string;
  split: string;
  /** Ids of the samples. Default: all of the split. */
  samples?: string[];
  /** Compare with the base's own answers on clean frames in place of labels, which are not read: how much of them is kept at a level. */
  agreement?: boolean;
  /** Levels to score. Default: `clean` and every adaptor's. */
  levels?: string[];
  /** Folder that `gearnn distort` wrote: a level found there is read from it, the others are distorted in memory. */
  prepared?: string;
  /** Whether frames that are smaller than their labels are enlarged for the network. Default: `received`, as they are. */
  inferSize?: InferSize;
  precision?: Precision;
  /** How large frames are cut, as {@link PredictorOptions.tile}. */
  tile?: PredictorOptions['tile'];
  workers?: number;
  progress?: Progress;
  signal?: AbortSignal;
  /** Is told which adaptors have changed since they were calibrated. */
  warn?: (message: string) => void;
  /** Called with every row as it is ready. */
  onRow?: (row: LevelRow) => void;
}

/**
 * Scores a base, its full fine-tunes and its adaptors at each level. At a level without adaptor or full fine-tune there is no row for it.
 *
 * @throws E_CHECKPOINT, E_ADAPTOR_BASE_MISMATCH, E_DISTORT_LEVEL, E_EVAL_CLASSES, and what {@link requireCopies} and reading the samples
 *   throw
 */
export async function evaluateLevels(options: EvaluateLevelsOptions): Promise<LevelRow[]> {
  if (options.tuned !== undefined) await requireTuned(options.tuned);
  const base = await loadCheckpoint(options.checkpoint);
  const network = networkOf(base);
  const bank = new AdaptorBank(network);
  const task = taskOf(base.config);
  let predictor: Predictor<unknown> | undefined;
  const rows: LevelRow[] = [];
  const total = totalParameters(network.parameters);
  const keep = (row: LevelRow): void => {
    rows.push(row);
    options.onRow?.(row);
  };
  try {
    const served = options.adaptors === undefined ? [] : await servedBy(options.adaptors, base, options);
    const replaced: string[] = [];
    for (const { adaptor, share } of served) {
      if (!adaptor) continue;
      bank.addAdaptor(adaptor, share);
      replaced.push(...changedBy(adaptor.config));
    }
    predictor = createPredictor(network, task, {
      precision: options.precision,
      tile: options.tile,
      changing: changingNames(network, replaced),
    });
    const levels = options.levels
      ? distinctLevels(options.levels, '--level')
      : ['clean', ...served.map(({ level }) => level)].map((text) => parseLevel(text).text);
    const { prepared, data, split, samples: ids, progress, signal } = options;
    if (prepared !== undefined) {
      await requireCopies(prepared, data, levels, { parts: [{ split, ids }], progress, signal });
    }
    if (options.tuned !== undefined) await levelFolders(options.tuned, levels);
    const truths = options.agreement
      ? await answersAsTargets({ predictor, ...common(options, CLEAN.text), task: 'clean answers of the base' })
      : undefined;
    const dataset = await openDataset(data);
    for (const level of levels) {
      const score = async (method: Method, parameters: number, given: Run): Promise<LevelRow> => {
        const run = (!truths && asDetector(given, base.config, dataset)) || given;
        const counts: unknown[] = [];
        const task = `${level} ${method}`;
        const onImage = (own: unknown): number => counts.push(own);
        const result = await evaluate({ ...run, ...common(options, level), truths, task, onImage });
        return { method, level, parameters, ...result, counts };
      };
      bank.swap(null);
      const original = await score('original', total, { network, predictor });
      keep(original);
      const own = served.find((one) => one.level === level);
      const reason = own?.reason === undefined ? {} : { reason: own.reason };
      if (own?.adaptor) {
        bank.swap(level);
        const parameters = total + own.adaptor.config.parameters;
        keep({ ...(await score('adaptor', parameters, { network, predictor })), ...reason });
      } else if (own) keep({ ...original, method: 'adaptor', ...reason });
      const tuned = options.tuned && join(options.tuned, level);
      if (tuned && existsSync(tuned)) {
        await withCheckpoint(await loadCheckpoint(tuned), options, async (run) =>
          keep(await score('switching', total, run)),
        );
      }
    }
    return rows;
  } finally {
    predictor?.dispose();
    bank.dispose();
    network.dispose();
  }
}

/** What answers at the levels of a folder's adaptors. */
async function servedBy(
  folder: string,
  base: Checkpoint,
  { calibration, warn }: EvaluateLevelsOptions,
): Promise<Served[]> {
  const serving = await Serving.open(folder, base, calibration);
  const served = await serving.all();
  for (const note of serving.outdated) warn?.(note);
  return served;
}

/** A level without a full fine-tune has no row, so that nothing else would tell of a folder that is not there. */
async function requireTuned(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory()) return;
  fail('E_CHECKPOINT', {
    where: folder,
    expected: 'a folder with a checkpoint in the subfolder of each level',
    got: 'no such folder',
    todo: 'Give the folder that holds the full fine-tunes.',
  });
}

/** Calls `use` with a network that is ready to answer. */
async function withCheckpoint(
  checkpoint: Checkpoint,
  { precision, tile }: EvaluateLevelsOptions,
  use: (run: Run) => Promise<void>,
): Promise<void> {
  const network = networkOf(checkpoint);
  const predictor = createPredictor(network, taskOf(checkpoint.config), { precision, tile, changing: new Set() });
  try {
    await use({ network, predictor });
  } finally {
    predictor.dispose();
    network.dispose();
  }
}

function common({ split, samples, workers, progress, signal, ...rest }: EvaluateLevelsOptions, level: string) {
  return { source: sourceAt(rest, level), split, samples, workers, progress, signal };
}
