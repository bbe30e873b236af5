import { resolve } from 'node:path';
import { readAdaptorConfig, saveAdaptor } from '../adaptor/file.js';
import { readLoraConfig, saveLora } from '../adaptor/lora.js';
import { fail } from '../common/errors.js';
import { isSame } from '../common/same-file.js';
import { mixedSource } from '../data/mixed-source.js';
import { openDataset } from '../data/registry.js';
import { CLEAN, parseLevel } from '../distort/level.js';
import { sourceAt } from '../distort/level-source.js';
import {
  baseHash,
  compareClasses,
  loadCheckpoint,
  networkOf,
  readCheckpointConfig,
  saveCheckpoint,
  type Checkpoint,
} from '../models/checkpoint.js';
import { stateDict } from '../models/state-dict.js';
import type { Network } from '../models/network.js';
import { parseBudget } from '../select/budget.js';
import { totalParameters } from '../select/items.js';
import { spreadRanks, type RankedTensor } from '../select/ranks.js';
import type { Split } from '../select/split.js';
import { recordedSettings } from './recorded.js';
import { performRun, type Run, type RunOutcome, type TrainingRecord } from './run.js';
import { DEFAULTS, settingsOf, type RunOptions, type TrainingSettings } from './run-options.js';
import { trainableOf } from './split-names.js';
import type { Objective } from './objectives/objective.js';
import { parseObjective } from './objectives/registry.js';
import { stability, type StabilityOptions } from './objectives/stability.js';

export interface FinetuneOptions extends RunOptions {
  /** Folder of the base. */
  checkpoint: string;
  /** The level to adapt to: `jpeg=10`; of a mixture what its record calls it. */
  level: string;
  /** Levels to mix: every epoch draws one of them anew for each sample. Each with its folder of prepared copies, if any. */
  mixture?: readonly { level: string; prepared?: string }[];
  /** What to train for, as {@link parseObjective} reads it. Default: `labels`. */
  objective?: string;
  /** In place of `objective`: the labels, and the same answer on images with noise. */
  stability?: StabilityOptions;
  /** The items to adapt, for an adaptor. Default: the whole network. */
  split?: Split;
  /** Train low-rank changes of convolutions whose factors fit into this budget, everything else frozen. */
  lora?: { budget: string };
  /** Folder that `gearnn distort` wrote: the level is read from it where it is there, and distorted in memory elsewhere. */
  prepared?: string;
}

/** What a fine-tune came to. */
export interface FinetuneOutcome extends RunOutcome {
  /** The checkpoint's content hash; an adaptor has none. */
  hash?: string;
}

/** The paper's, section 4; adaptors take a larger step for their few weights. */
export const FINETUNE = { epochs: 4, learningRate: 0.001, adaptorLearningRate: 0.005 };

/**
 * Fine-tunes a base at a level: the whole network into a checkpoint, or, with a split, its items alone into an adaptor, with every other
 * tensor proven to keep its bits. It starts from the values that the base's file holds.
 *
 * Batch, crop, flips and scaling are as the base was trained where nothing is said.
 *
 * @throws E_CHECKPOINT, E_CHECKPOINT_CLASSES, E_DISTORT_LEVEL, E_TRAIN_SPLIT, E_TRAIN_FROZEN, and what `trainBase` throws
 * @source Xie and Kim 2020, sections 3.2.3 and 4
 */
export async function finetune(options: FinetuneOptions): Promise<FinetuneOutcome> {
  const { checkpoint: folder, split, lora, out } = options;
  if (resolve(out) === resolve(folder) || (await isSame(out, folder))) {
    fail('E_USAGE', { where: '--out', expected: 'another folder than the base', got: out });
  }
  const base = await loadCheckpoint(folder);
  const run = await runOf(options, base);
  if (split) return performRun(adaptorRun(run, base, split));
  if (lora) return performRun(loraRun(run, base, lora.budget));
  return { ...(await performRun(fullRun(run, base))), hash: await baseHash(out) };
}

/** A fine-tune of a base, without what it comes to. */
export async function runOf(options: FinetuneOptions, base: Checkpoint): Promise<Omit<Run, 'save' | 'readRecord'>> {
  const { data, split, mixture, inferSize, warn } = options;
  const objective = objectiveIn(options);
  const level = mixture ? options.level : parseLevel(options.level).text;
  const dataset = await openDataset(data);
  const needsLabels = !dataset.unlabelled || objective.needsTarget;
  for (const line of needsLabels ? compareClasses(base.config, dataset.classes, data) : []) warn?.(line);
  if (split && split.level !== level) warn?.(`the split was measured at ${split.level}, not at ${level}`);
  const sources = mixture?.map(({ level: part, prepared }) => sourceAt({ data, prepared, inferSize }, part));
  const clean = sourceAt({ data, inferSize }, CLEAN.text);
  return {
    options,
    settings: settingsOf(options, defaultsFor(base, split !== undefined || options.lora !== undefined)),
    dataset,
    source: sources ? mixedSource(sources) : sourceAt(options, level),
    ...(sources && { variants: sources.length, mixture: mixture!.map((part) => parseLevel(part.level).text) }),
    ...(objective.views.includes('clean') && { clean: sources ? mixedSource(sources.map(() => clean)) : clean }),
    objective,
    level,
    makeNetwork: () => networkOf(base),
    base: base.hash,
  };
}

function objectiveIn({ objective = 'labels', stability: noise }: FinetuneOptions): Objective {
  return noise ? stability(noise) : parseObjective(objective);
}

function defaultsFor({ config }: Checkpoint, adaptor: boolean): TrainingSettings {
  const { epochs, learningRate, adaptorLearningRate } = FINETUNE;
  return {
    ...DEFAULTS,
    ...recordedSettings(config),
    epochs,
    learningRate: adaptor ? adaptorLearningRate : learningRate,
  };
}

function fullRun(run: Omit<Run, 'save' | 'readRecord'>, { config, folder }: Checkpoint): Run {
  const { out, storage = 'fp32' } = run.options;
  const { network, task, classes, ignore, preprocessing, onnx } = config;
  return {
    ...run,
    async save(tuned, record) {
      const saved = {
        network,
        ...(task && { task }),
        classes,
        ignore,
        preprocessing,
        storage,
        ...(onnx && { onnx }),
        training: { ...record },
      };
      await saveCheckpoint(out, saved, stateDict(tuned), tuned.parameters, folder);
    },
    readRecord: async () => (await readCheckpointConfig(out)).training as unknown as TrainingRecord,
  };
}

function adaptorRun(run: Omit<Run, 'save' | 'readRecord'>, { config, hash }: Checkpoint, split: Split): Run {
  const { out } = run.options;
  const { network, classes } = config;
  const { items, size: parameters, budget } = split;
  return {
    ...run,
    trainable: (tuned) => trainableOf(split, tuned, hash),
    async save(tuned, record) {
      const saved = { level: run.level, base: hash, network, classes, items, parameters, budget };
      await saveAdaptor(out, { ...saved, training: { ...record } }, stateDict(tuned));
    },
    readRecord: async () => (await readAdaptorConfig(out)).training as unknown as TrainingRecord,
  };
}

function loraRun(run: Omit<Run, 'save' | 'readRecord'>, { config, hash }: Checkpoint, budget: string): Run {
  const { out } = run.options;
  const allowed = (network: Network): number => parseBudget(budget, totalParameters(network.parameters));
  const ranksOf = (network: Network): RankedTensor[] => spreadRanks(network.parameters, allowed(network));
  return {
    ...run,
    lora(network) {
      const ranks = ranksOf(network);
      if (ranks.length > 0) return ranks;
      return fail('E_SPLIT_BUDGET', {
        where: 'lora.budget',
        expected: 'room for a change of rank 1 of one convolution',
        got: budget,
        todo: 'Allow a larger budget.',
      });
    },
    async save(tuned, record, factors) {
      const ranks = ranksOf(tuned);
      const parameters = ranks.reduce((sum, { size }) => sum + size, 0);
      const saved = { level: run.level, base: hash, network: config.network, ranks, parameters };
      await saveLora(
        out,
        { ...saved, budget: { text: budget, parameters: allowed(tuned) }, training: { ...record } },
        factors!,
      );
    },
    readRecord: async () => (await readLoraConfig(out)).training as unknown as TrainingRecord,
  };
}
