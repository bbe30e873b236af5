import { join } from 'node:path';
import type { Slice } from '../../data/slice.js';
import { readSplit } from '../../select/split.js';
import { finetune } from '../../train/finetune.js';
import { parseSchedule } from '../../train/schedule.js';
import type { StabilityOptions } from '../../train/objectives/stability.js';
import type { ExperimentConfig } from '../config.js';
import { engineSettings } from '../engine-settings.js';
import type { Json, Step, StepContext } from '../graph.js';
import { imagesIdentity, isEnlarged, placeOf, type LevelImages } from '../images.js';
import type { Engine } from '../../engine/start.js';
import type { Base } from './base.js';
import { resumeOrRestart } from './resume.js';
import { parseSize } from './size.js';
import { SPLIT_FILE, type SplitOutput } from './split.js';

/** What all fine-tunes of an experiment have in common. */
export interface FinetuneSettings {
  config: ExperimentConfig['finetune'];
  seed: number;
  workers: number;
  /** In the precision of training. */
  engine: Engine;
}

/** What to fine-tune. */
export interface FinetuneTarget {
  base: Base;
  images: LevelImages;
  settings: FinetuneSettings;
  /** The items to adapt; the whole network unless said. */
  split?: Step<SplitOutput>;
}

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
  /** Positions among the images to train on; all unless said. */
  part?: Slice;
  epochs?: number;
  /** The levels' images to mix, in place of the target's. */
  mixture?: readonly LevelImages[];
  stability?: StabilityOptions;
  /** Low-rank changes, of this budget. */
  lora?: { budget: string };
}

/** A target as `finetune` takes it, for a step that has the target's steps among its inputs. */
export async function finetuneOptions(
  context: StepContext,
  { base, images, settings, split }: FinetuneTarget,
  { part, mixture, epochs, ...call }: Partial<FinetuneCall> = {},
) {
  const { progress, signal } = context;
  const { data, prepared, inferSize, slice } = placeOf(images, context, part);
  const { config, seed, workers, engine } = settings;
  return {
    // Steps name the rate that they use.
    ...without(config, 'learningRate'),
    epochs: epochs ?? config.epochs,
    size: parseSize(config.size),
    schedule: parseSchedule(config.schedule),
    seed,
    ...call,
    checkpoint: base.folderIn(context),
    level: mixture ? 'mixed' : images.level.text,
    inferSize: mixture?.some(isEnlarged) ? 'original' : inferSize,
    mixture: mixture?.map((other) => ({ level: other.level.text, prepared: placeOf(other, context).prepared })),
    split: split && (await readSplit(join(context.folderOf(split), SPLIT_FILE))),
    data,
    prepared,
    samples: slice,
    engine,
    workers,
    progress,
    signal,
  };
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

/** An object with some of its fields left out. */
export function without<T extends object, Name extends keyof T>(fields: T, ...names: Name[]): Omit<T, Name> {
  const kept = Object.entries(fields).filter(([name]) => !(names as PropertyKey[]).includes(name));
  return Object.fromEntries(kept) as Omit<T, Name>;
}
