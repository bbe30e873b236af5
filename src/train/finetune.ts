import { resolve } from 'node:path';
import { readAdaptorConfig } from '../adaptor/file.js';
import { fail } from '../common/errors.js';
import { isSame } from '../common/same-file.js';
import { mixedSource } from '../data/mixed-source.js';
import { openDataset } from '../data/registry.js';
import { CLEAN, parseLevel } from '../distort/level.js';
import { isRange, parseRange } from '../distort/range.js';
import { sourceAt } from '../distort/level-source.js';
import { baseHash, compareClasses, loadCheckpoint, networkOf, type Checkpoint } from '../models/checkpoint.js';
import type { Split } from '../select/split.js';
import type { Adaptation } from './adaptations/adaptation.js';
import { items } from './adaptations/items.js';
import { parseAdaptation } from './adaptations/registry.js';
import type { Objective } from './objectives/objective.js';
import { parseObjective } from './objectives/registry.js';
import { recordedSettings } from './recorded.js';
import { resultOf } from './finetune-result.js';
import { performRun, type RunOutcome } from './run.js';
import { ALL_OF_TRAIN, DEFAULTS, meansOf, settingsOf, type RunOptions, type TrainingSettings } from './run-options.js';
import type { Run, RunSamples } from './run-parts.js';
import { ALIGNED, startOf } from './start.js';

export interface FinetuneOptions extends RunOptions {
  /** Folder of the base. */
  checkpoint: string;
  /**
   * The level to adapt to: `jpeg=10`; of a mixture what its record calls it. A range, `jpeg=8..12`, is the mixture of its levels, and its record
   * calls it by the one in the middle.
   */
  level: string;
  /** Levels to mix: every epoch draws one of them anew for each sample. Each with its folder of prepared copies, if any. */
  mixture?: readonly { level: string; prepared?: string }[];
  /** What to train for, as {@link parseObjective} reads it. Default: `labels`. */
  objective?: string;
  /** What to train, as {@link parseAdaptation} reads it. Default: `whole`, or the items of `split`. */
  adapt?: string;
  /** The items to adapt, for an adaptor; in place of `adapt`. */
  split?: Split;
  /**
   * What training starts from, as far as it is among what is trained: the values of an adaptor in a folder, or `aligned`, first layers whose channels
   * have the mean and the deviation over the level's images that they have over clean ones. Default: the base.
   */
  start?: string;
  /** Folder that `gearnn distort` wrote: the level is read from it where it is there, and distorted in memory elsewhere. */
  prepared?: string;
}

/** What a fine-tune came to. */
export interface FinetuneOutcome extends RunOutcome {
  /** The checkpoint's content hash; an adaptor has none. */
  hash?: string;
  /** Values that the adaptor holds; a checkpoint has none. */
  parameters?: number;
}

/** The paper's, section 4; adaptors take a larger step for their few weights. */
export const FINETUNE = { epochs: 4, learningRate: 0.001, adaptorLearningRate: 0.005 };

/**
 * Fine-tunes a base at a level: the whole network into a checkpoint, or its most sensitive items or low-rank changes alone into an adaptor,
 * with every other tensor proven to keep its bits. It starts from the values that the base's file holds.
 *
 * Batch, crop, flips and scaling are as the base was trained where nothing is said.
 *
 * @throws E_CHECKPOINT, E_CHECKPOINT_CLASSES, E_DISTORT_LEVEL, E_TRAIN_SPLIT, E_SPLIT_BUDGET, E_TRAIN_FROZEN, and what `trainBase` throws
 * @source Xie and Kim 2020, sections 3.2.3 and 4
 */
export async function finetune(options: FinetuneOptions): Promise<FinetuneOutcome> {
  const { checkpoint: folder, out, resume, force } = options;
  if (resolve(out) === resolve(folder) || (await isSame(out, folder))) {
    fail('E_USAGE', { where: '--out', expected: 'another folder than the base', got: out });
  }
  const base = await loadCheckpoint(folder);
  const run = await runOf(options, base);
  const outcome = await performRun(run, { ...resultOf(run, base, out), out, resume, force });
  if (run.adaptation.result === 'adaptor') return { ...outcome, parameters: (await readAdaptorConfig(out)).parameters };
  return { ...outcome, hash: await baseHash(out) };
}

/** A fine-tune of a base, without where its result goes: what all of the options come to. */
export async function runOf(options: Omit<FinetuneOptions, 'out'>, base: Checkpoint): Promise<Run> {
  const objective = parseObjective(options.objective ?? 'labels');
  const adaptation = adaptationOf(options, base);
  return {
    adaptation,
    objective,
    samples: await samplesOf(options, objective, base),
    settings: settingsOf(options, defaultsFor(base, adaptation), options.start === undefined ? 1 : 0),
    means: meansOf(options),
    makeNetwork: () => networkOf(base),
    ...(options.start !== undefined && { start: await startOf(options.start, base, options) }),
    base: base.hash,
    storage: options.storage ?? 'fp32',
  };
}

function adaptationOf({ split, adapt }: Pick<FinetuneOptions, 'split' | 'adapt'>, base: Checkpoint): Adaptation {
  if (split && adapt !== undefined) {
    fail('E_USAGE', { where: '--adapt', expected: 'either the items of a --split or another adaptation', got: 'both' });
  }
  return split ? items(split, base.hash) : parseAdaptation(adapt ?? 'whole');
}

async function samplesOf(
  options: Omit<FinetuneOptions, 'out'>,
  objective: Objective,
  base: Checkpoint,
): Promise<RunSamples> {
  const { data, split, inferSize, validate, start, warn } = options;
  const { level, mixture, prepared } = placesOf(options);
  const dataset = await openDataset(data);
  // Where labels are neither taught nor scored, data of any classes will do.
  const needsLabels = objective.needsTarget || (validate !== undefined && !dataset.unlabelled);
  for (const line of needsLabels ? compareClasses(base.config, dataset.classes, data) : []) warn?.(line);
  if (split && split.level !== level) warn?.(`the split was measured at ${split.level}, not at ${level}`);
  const at = (text: string, copies?: string) => sourceAt({ data, prepared: copies, inferSize }, text);
  const sources = mixture?.map((part) => at(part.level, part.prepared));
  const clean = at(CLEAN.text);
  return {
    ...{ dataset, level, validate, inferSize },
    training: options.samples ?? ALL_OF_TRAIN,
    source: sources ? mixedSource(sources) : at(level, prepared),
    ...(sources && { variants: sources.length, mixture: mixture!.map((part) => parseLevel(part.level).text) }),
    ...((objective.views.includes('clean') || start === ALIGNED) && {
      clean: sources ? mixedSource(sources.map(() => clean)) : clean,
    }),
  };
}

/** The level as records call it, and where its images are: of a range as of a mixture. */
function placesOf({ level, mixture, prepared }: Omit<FinetuneOptions, 'out'>) {
  if (mixture) return { level, mixture };
  if (!isRange(level)) return { level: parseLevel(level).text, prepared };
  const { levels, middle } = parseRange(level);
  return { level: middle.text, mixture: levels.map(({ text }) => ({ level: text, prepared })) };
}

function defaultsFor({ config }: Checkpoint, { result }: Adaptation): TrainingSettings {
  const { epochs, learningRate, adaptorLearningRate } = FINETUNE;
  return {
    ...DEFAULTS,
    ...recordedSettings(config),
    epochs,
    learningRate: result === 'adaptor' ? adaptorLearningRate : learningRate,
  };
}
