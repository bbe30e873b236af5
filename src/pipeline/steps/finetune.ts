import { join } from 'node:path';
import type { InferSize } from '../../data/enlarged-source.js';
import type { Slice } from '../../data/slice.js';
import { readSplit } from '../../select/split.js';
import { finetune } from '../../train/finetune.js';
import type { StabilityOptions } from '../../train/objectives/stability.js';
import { engineSettings } from '../engine-settings.js';
import type { Json, Step, StepContext } from '../graph.js';
import { effectiveSize, imagesIdentity, placeOf, type LevelImages } from '../images.js';
import { readTexts } from '../training-config.js';
import { without } from '../without.js';
import { SPLIT_FILE, type SplitOutput } from './outputs.js';
import { resumeOrRestart } from './resume.js';
import type { FinetuneSettings, FinetuneTarget } from './target.js';

/** How a fine-tune went, for the record. */
export type FinetuneNotes = {
  learningRate: number;
  epochs: number;
  /** Mean over the last epoch. */
  loss: number;
  seconds: number;
};

/** What a step that fine-tunes takes among its settings and inputs, beside the learning rate. */
export function finetuneIdentity({ base, images, settings, split }: FinetuneTarget): Pick<Step, 'inputs' | 'reads'> & {
  settings: { [name: string]: Json };
} {
  // Steps name the one that they use.
  const config = without(settings.config, 'learningRate');
  const identity = imagesIdentity(images);
  return {
    settings: {
      ...(JSON.parse(JSON.stringify(config)) as { [name: string]: Json }),
      seed: settings.seed,
      level: images.level.text,
      engine: engineSettings(settings.engine),
      ...identity.settings,
    },
    inputs: { base: base.step, ...(split && { split }), ...identity.inputs },
    ...(split && { reads: { split: chosenItems } }),
  };
}

/** What a fine-tune takes of a split: not the changes that it was chosen by, which differ a little from machine to machine. */
function chosenItems(output: Json): Json {
  const { budget, summary } = output as SplitOutput;
  return { budget, items: summary.items };
}

/** What differs from one fine-tune of a target to another. */
export interface FinetuneCall {
  learningRate: number;
  /** Folder of the result. */
  out: string;
  /** Positions among the images to train on. Default: all. */
  part?: Slice;
  epochs?: number;
  /** The levels' images to mix, in place of the target's. */
  mixture?: readonly LevelImages[];
  stability?: StabilityOptions;
  /** Low-rank changes, of this budget. */
  lora?: { budget: string };
}

/** What all fine-tunes have in common, as `finetune` takes it; steps name the rate that they use. */
export function commonOptions({ config, seed, workers, engine }: FinetuneSettings) {
  return { ...readTexts(without(config, 'learningRate')), seed, workers, engine };
}

/** A target as `finetune` takes it, for a step that has the target's steps among its inputs. */
export async function finetuneOptions(
  context: StepContext,
  { base, images, settings, split }: FinetuneTarget,
  { part, mixture, epochs, ...call }: Partial<FinetuneCall> = {},
) {
  const { progress, signal } = context;
  const { data, prepared, inferSize, slice } = placeOf(images, context, part);
  return {
    ...commonOptions(settings),
    ...(epochs !== undefined && { epochs }),
    ...call,
    checkpoint: base.folderIn(context),
    level: mixture ? 'mixed' : images.level.text,
    inferSize: mixture ? sizeOfMixture(mixture) : inferSize,
    mixture: mixture?.map((other) => ({ level: other.level.text, prepared: placeOf(other, context).prepared })),
    split: split && (await readSplit(join(context.folderOf(split), SPLIT_FILE))),
    ...{ data, prepared, samples: slice, progress, signal },
  };
}

/** The size that the network sees pictures of several levels at. */
export function sizeOfMixture(mixture: readonly LevelImages[]): InferSize {
  return mixture.some((images) => effectiveSize(images) === 'original') ? 'original' : 'received';
}

/** Fine-tunes within a step, going on where an interrupted run of it stopped. */
export async function runFinetune(
  context: StepContext,
  target: FinetuneTarget,
  call: FinetuneCall,
): Promise<FinetuneNotes> {
  const { learningRate, out } = call;
  const options = { ...(await finetuneOptions(context, target, call)), learningRate, out };
  const { record } = await resumeOrRestart(context.resuming, (how) => finetune({ ...options, ...how }));
  const loss = record.history.at(-1)!.loss;
  return { learningRate, epochs: record.history.length, loss, seconds: record.seconds };
}
