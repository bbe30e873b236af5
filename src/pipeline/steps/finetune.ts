import { join } from 'node:path';
import type { Slice } from '../../data/slice.js';
import { readSplit } from '../../select/split.js';
import { finetune } from '../../train/finetune.js';
import { parseSchedule } from '../../train/schedule.js';
import type { ExperimentConfig } from '../config.js';
import { engineSettings } from '../engine-settings.js';
import type { Json, Step, StepContext } from '../graph.js';
import { imagesIdentity, placeOf, type LevelImages } from '../images.js';
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
export function finetuneIdentity({ base, images, settings, split }: FinetuneTarget): Pick<Step, 'inputs'> & {
  settings: { [name: string]: Json };
} {
  const config: Partial<FinetuneSettings['config']> = { ...settings.config };
  // Steps name the one that they use.
  delete config.learningRate;
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
  };
}

/**
 * Fine-tunes within a step, going on where an interrupted run of it stopped.
 *
 * @param out folder of the result
 * @param part positions among the images to train on; all unless said
 */
export async function runFinetune(
  context: StepContext,
  { base, images, settings, split }: FinetuneTarget,
  { learningRate, out, part, epochs }: { learningRate: number; out: string; part?: Slice; epochs?: number },
): Promise<FinetuneNotes> {
  const { resuming, progress, signal } = context;
  const { data, prepared, slice } = placeOf(images, context, part);
  const { config, seed, workers, engine } = settings;
  const options = {
    ...config,
    epochs: epochs ?? config.epochs,
    size: parseSize(config.size),
    schedule: parseSchedule(config.schedule),
    seed,
    learningRate,
    checkpoint: base.folderIn(context),
    level: images.level.text,
    split: split && (await readSplit(join(context.folderOf(split), SPLIT_FILE))),
    data,
    prepared,
    samples: slice,
    out,
    engine,
    workers,
    progress,
    signal,
  };
  const { record } = await resumeOrRestart(resuming, (how) => finetune({ ...options, ...how }));
  const loss = record.history.at(-1)!.loss;
  return { learningRate, epochs: record.history.length, loss, seconds: record.seconds };
}
