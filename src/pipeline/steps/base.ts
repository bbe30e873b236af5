import { join } from 'node:path';
import { canonicalJson, sha256 } from '../../common/files.js';
import { baseHash, loadCheckpoint, readCheckpointConfig } from '../../models/checkpoint.js';
import type { CheckpointConfig } from '../../models/checkpoint-config.js';
import { recordedSettings } from '../../train/recorded.js';
import { trainBase } from '../../train/train-base.js';
import { engineSettings } from '../engine-settings.js';
import type { Json, Step } from '../graph.js';
import { effectiveSize } from '../images.js';
import type { StepKind } from '../step-kinds.js';
import { readTexts } from '../training-config.js';
import { baseWorkload, freshBase, preprocessingIn, type TrainedBaseOptions } from '../work/base.js';
import { CHECKPOINT, type BaseOutput } from './outputs.js';
import { resumeOrRestart } from './resume.js';
import type { FirstBase } from './target.js';

/** A checkpoint that is there already, taken as it is. */
export async function givenBase(folder: string): Promise<FirstBase> {
  const config = await readCheckpointConfig(folder);
  const hash = await baseHash(folder);
  const { training, ...rest } = config;
  return {
    step: {
      id: 'base',
      kind: 'base' satisfies StepKind,
      version: 1,
      settings: { checkpoint: hash, config: sha256(canonicalJson({ ...rest, recorded: recordedSettings(config) })) },
      inputs: {},
      run: async () => ({ output: outputOf(config, hash), notes: { training: training as Json } }),
    },
    folderIn: () => folder,
    load: () => loadCheckpoint(folder),
  };
}

/** A base trained on clean images. */
export function trainedBase(given: TrainedBaseOptions): FirstBase {
  const { settings, first, images, seed, workers, engine } = given;
  const inferSize = effectiveSize(images);
  const step: Step<BaseOutput> = {
    id: 'base',
    kind: 'base' satisfies StepKind,
    version: 1,
    settings: {
      ...settings,
      init: first?.hash,
      seed,
      images: images.hash,
      engine: engineSettings(engine),
      inferSize,
    },
    inputs: {},
    workloads: [baseWorkload(given)],
    async run({ folder, resuming, progress, signal }) {
      const out = join(folder, CHECKPOINT);
      const options = {
        ...readTexts(settings),
        fit: undefined,
        sides: undefined,
        ...preprocessingIn(settings),
        ...{ seed, inferSize, out, engine, workers, progress, signal, init: first?.file },
        data: images.dataset.spec,
        samples: images.slice,
      };
      const { record } = await resumeOrRestart(resuming, (how) => trainBase({ ...options, ...how }));
      const config = await readCheckpointConfig(out);
      return { output: outputOf(config, await baseHash(out)), notes: { history: record.history as unknown as Json } };
    },
  };
  return {
    step,
    folderIn: (context) => join(context.folderOf(step), CHECKPOINT),
    load: async () => freshBase(given),
  };
}

function outputOf(config: CheckpointConfig, hash: string): BaseOutput {
  const { network, preprocessing } = config;
  return { hash, network, recorded: recordedSettings(config) as Json, preprocessing };
}
