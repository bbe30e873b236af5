import type { Engine } from '../../engine/start.js';
import type { Checkpoint } from '../../models/checkpoint.js';
import { storedTask } from '../../models/checkpoint-config.js';
import { parseSides } from '../../detect/transform.js';
import { parseFit } from '../../image/fit.js';
import type { Preprocessing } from '../../models/preprocessing.js';
import { createNetwork } from '../../models/registry.js';
import { stateDict } from '../../models/state-dict.js';
import { CLEAN } from '../../distort/level.js';
import type { CleanImages } from '../images.js';
import { readTexts, type TrainingConfig } from '../training-config.js';
import { measureTrainingOf } from './training.js';
import type { Workload } from './workload.js';

export interface TrainedBaseOptions {
  settings: Omit<TrainingConfig, 'init'>;
  /** Weights that it begins with. Default: drawn. */
  first?: { file: string; hash: string };
  images: CleanImages;
  seed: number;
  workers: number;
  engine: Engine;
}

/** Training of a base; a unit is an optimizer step. */
export function baseWorkload(options: TrainedBaseOptions): Workload {
  const { settings, images, seed, workers, engine } = options;
  return {
    kind: 'training step, base',
    images: images.count,
    passes: settings.epochs,
    units: settings.steps,
    measure: async ({ signal }) => {
      const place = { data: images.dataset.spec, samples: images.slice, level: CLEAN.text, checkpoint: '' };
      const base = freshBase(options);
      return measureTrainingOf(base, { ...readTexts(settings), ...place, seed, workers, engine, signal });
    },
  };
}

/** What a base's settings say of how pictures come to it. @throws E_USAGE */
export function preprocessingIn({
  fit,
  sides,
}: Pick<TrainingConfig, 'fit' | 'sides'>): Pick<Preprocessing, 'fit' | 'sides'> {
  return {
    ...(fit !== undefined && { fit: parseFit(fit, 'base.train.fit') }),
    ...(sides !== undefined && { sides: parseSides(sides, 'base.train.sides') }),
  };
}

/** The network of a base that is yet to be trained, with its first weights. */
export function freshBase({ settings, images, seed }: TrainedBaseOptions): Checkpoint {
  const { classes, ignore } = images.dataset;
  const { model: name, width, epsilon, storage } = settings;
  const spec = { name, classes: classes.length, width, ...(epsilon !== undefined && { epsilon }) };
  const network = createNetwork(spec, { seed, preprocessing: preprocessingIn(settings) });
  try {
    const config = {
      ...{ network: network.spec, ...storedTask(network) },
      ...{ classes: [...classes], ignore, preprocessing: network.input.preprocessing, storage },
    };
    const format = { format: 'gearnn-checkpoint', version: 1 } as const;
    return { folder: '', config: { ...format, ...config, training: {} }, state: stateDict(network), hash: '' };
  } finally {
    network.dispose();
  }
}
