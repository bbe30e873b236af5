import type { Engine } from '../engine/start.js';
import { readFirstWeights } from '../models/first-weights.js';
import type { Experiment } from './experiment.js';
import type { CleanImages } from './images.js';
import { givenBase, trainedBase } from './steps/base.js';
import type { FirstBase } from './steps/target.js';

/** The base of an experiment: a checkpoint, or a network that is trained first. */
export async function firstBase(
  { experiment, engine }: { experiment: Experiment; engine: Engine },
  images: CleanImages,
): Promise<FirstBase> {
  const { base, seed, workers, precision } = experiment;
  if (base.checkpoint !== undefined) return givenBase(base.checkpoint);
  const { init, ...settings } = base.train!;
  return trainedBase({
    settings,
    first: init === undefined ? undefined : { file: init, hash: (await readFirstWeights(init)).hash },
    images,
    seed,
    workers,
    engine: { ...engine, precision: precision.train },
  });
}
