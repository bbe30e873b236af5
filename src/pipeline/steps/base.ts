import { join } from 'node:path';
import type { Engine } from '../../engine/start.js';
import { canonicalJson, sha256 } from '../../common/files.js';
import { baseHash, loadCheckpoint, readCheckpointConfig, type Checkpoint } from '../../models/checkpoint.js';
import type { CheckpointConfig } from '../../models/checkpoint-config.js';
import { IMAGENET } from '../../models/preprocessing.js';
import { recordedSettings } from '../../train/recorded.js';
import { parseSchedule } from '../../train/schedule.js';
import { trainBase } from '../../train/train-base.js';
import type { ExperimentConfig } from '../config.js';
import { engineSettings } from '../engine-settings.js';
import type { Json, Step, StepContext } from '../graph.js';
import { type CleanImages, isEnlarged } from '../images.js';
import { baseWork, freshBase } from '../work/base.js';
import { resumeOrRestart } from './resume.js';
import { parseSize } from './size.js';

type BaseOutput = {
  hash: string;
  network: CheckpointConfig['network'];
  recorded: Json;
  /** Absent where it is {@link IMAGENET}, so that steps keep the addresses that they had when it was left out. */
  preprocessing?: CheckpointConfig['preprocessing'];
};

/** The base of an experiment, and where its checkpoint lies for a step that has it among its inputs. */
export interface Base {
  step: Step<BaseOutput>;
  folderIn(context: StepContext): string;
  /** For measuring: its weights, or fresh ones of the same network where it is yet to be trained. */
  load(): Promise<Checkpoint>;
}

/** A checkpoint that is there already, taken as it is. */
export async function givenBase(folder: string): Promise<Base> {
  const config = await readCheckpointConfig(folder);
  const hash = await baseHash(folder);
  const { training, ...rest } = config;
  return {
    step: {
      id: 'base',
      kind: 'base',
      version: 1,
      settings: { checkpoint: hash, config: sha256(canonicalJson({ ...rest, recorded: recordedSettings(config) })) },
      inputs: {},
      run: async () => ({ output: outputOf(config, hash), notes: { training: training as Json } }),
    },
    folderIn: () => folder,
    load: () => loadCheckpoint(folder),
  };
}

export interface TrainedBaseOptions {
  settings: NonNullable<ExperimentConfig['base']['train']>;
  images: CleanImages;
  seed: number;
  workers: number;
  engine: Engine;
}

/** A base trained on clean images. */
export function trainedBase(given: TrainedBaseOptions): Base {
  const { settings, images, seed, workers, engine } = given;
  const inferSize = isEnlarged(images) ? images.inferSize : undefined;
  const step: Step<BaseOutput> = {
    id: 'base',
    kind: 'base',
    version: 1,
    settings: {
      ...settings,
      seed,
      images: images.hash,
      engine: engineSettings(engine),
      ...(inferSize && { inferSize }),
    },
    inputs: {},
    work: [baseWork(given)],
    async run({ folder, resuming, progress, signal }) {
      const out = join(folder, 'checkpoint');
      const options = {
        ...settings,
        size: parseSize(settings.size),
        schedule: parseSchedule(settings.schedule),
        seed,
        data: images.dataset.spec,
        inferSize,
        samples: images.slice,
        out,
        engine,
        workers,
        progress,
        signal,
      };
      const { record } = await resumeOrRestart(resuming, (how) => trainBase({ ...options, ...how }));
      const config = await readCheckpointConfig(out);
      return { output: outputOf(config, await baseHash(out)), notes: { history: record.history as unknown as Json } };
    },
  };
  return {
    step,
    folderIn: (context) => join(context.folderOf(step), 'checkpoint'),
    load: async () => freshBase(given),
  };
}

function outputOf(config: CheckpointConfig, hash: string): BaseOutput {
  const { network, preprocessing } = config;
  const own = canonicalJson(preprocessing) === canonicalJson(IMAGENET) ? {} : { preprocessing };
  return { hash, network, recorded: recordedSettings(config) as Json, ...own };
}
