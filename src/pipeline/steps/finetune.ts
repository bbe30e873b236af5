import { join } from 'node:path';
import type { InferSize } from '../../data/enlarged-source.js';
import type { Slice } from '../../data/slice.js';
import { readSplit } from '../../select/split.js';
import { parseAdaptation } from '../../train/adaptations/registry.js';
import { finetune } from '../../train/finetune.js';
import { parseObjective } from '../../train/objectives/registry.js';
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
  /** Mean over the last epoch; null where nothing was trained. */
  loss: number | null;
  /** Share of the steps that weights are averaged over, where they are. */
  average?: number;
  seconds: number;
};

type Identity = Pick<Step, 'inputs' | 'reads'> & { settings: { [name: string]: Json } };

/** What a step that fine-tunes takes among its settings and inputs, beside the learning rate. */
export function finetuneIdentity({ base, settings, split, adapt, start, objective, ...on }: FinetuneTarget): Identity {
  // Steps name the one that they use.
  const config = without(settings.config, 'learningRate');
  const images = imagesOf(on);
  return {
    settings: {
      ...(JSON.parse(JSON.stringify(config)) as { [name: string]: Json }),
      seed: settings.seed,
      engine: engineSettings(settings.engine),
      ...images.settings,
      ...parseAdaptation(adapt ?? 'whole').settings,
      ...(start && { start }),
      ...objectiveSettings(objective),
    },
    inputs: { base: base.step, ...(split && { split }), ...images.inputs },
    ...(split && { reads: { split: chosenItems } }),
  };
}

function imagesOf({
  images,
  mixture,
  named,
  part,
}: Pick<FinetuneTarget, 'images' | 'mixture' | 'named' | 'part'>): Identity {
  const positions = part && { train: [part.start, part.end ?? null] };
  if (!mixture) {
    const { settings, inputs } = imagesIdentity(images);
    return { settings: { level: images.level.text, ...settings, ...positions }, inputs };
  }
  const levels = mixture.map(({ level }) => level.text);
  return {
    settings: { inferSize: sizeOfMixture(mixture), levels, ...(named !== undefined && { level: named }), ...positions },
    inputs: Object.fromEntries(mixture.map(({ level, copy }) => [`images ${level.text}`, copy!])),
  };
}

/** What runs note of an objective; the numbers of stability training stand by themselves, as they did before there were others. */
function objectiveSettings(objective = 'labels'): { [name: string]: Json } {
  const { stability, ...noted } = parseObjective(objective).identity as { [name: string]: Json };
  return { ...noted, ...(stability as { [name: string]: Json } | undefined) };
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
  /** Positions among the images to train on. Default: those of the target. */
  part?: Slice;
  epochs?: number;
}

/** What all fine-tunes have in common, as `finetune` takes it; steps name the rate that they use. */
export function commonOptions({ config, seed, workers, engine }: FinetuneSettings) {
  return { ...readTexts(without(config, 'learningRate')), seed, workers, engine };
}

/** A target as `finetune` takes it, for a step that has the target's steps among its inputs. */
export async function finetuneOptions(
  context: StepContext,
  { base, images, mixture, named = 'mixed', settings, split, adapt, start, objective, ...target }: FinetuneTarget,
  { part = target.part, epochs, ...call }: Partial<FinetuneCall> = {},
) {
  const { progress, signal } = context;
  const { data, prepared, inferSize, slice } = placeOf(images, context, part);
  return {
    ...commonOptions(settings),
    ...(epochs !== undefined && { epochs, steps: undefined }),
    ...call,
    checkpoint: base.folderIn(context),
    level: mixture ? named : images.level.text,
    inferSize: mixture ? sizeOfMixture(mixture) : inferSize,
    mixture: mixture?.map((other) => ({ level: other.level.text, prepared: placeOf(other, context).prepared })),
    split: split && (await readSplit(join(context.folderOf(split), SPLIT_FILE))),
    ...{ adapt, start, objective, data, prepared, samples: slice, progress, signal },
  };
}

/** The size that the network sees pictures of several levels at. */
function sizeOfMixture(mixture: readonly LevelImages[]): InferSize {
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
  const loss = record.history.at(-1)?.loss ?? null;
  const { average } = target.settings.config;
  const averaged = average === undefined ? {} : { average };
  return { learningRate, epochs: record.history.length, loss, ...averaged, seconds: record.seconds };
}
