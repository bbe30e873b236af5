import { openDataset } from '../data/registry.js';
import { failUnlabelled } from '../data/unlabelled.js';
import type { Fit } from '../image/fit.js';
import { sourceAt } from '../distort/level-source.js';
import { baseHash, readCheckpointConfig, saveCheckpoint } from '../models/checkpoint.js';
import { storedTask } from '../models/checkpoint-config.js';
import { IMAGENET } from '../models/preprocessing.js';
import { createNetwork } from '../models/registry.js';
import { stateDict } from '../models/state-dict.js';
import { performRun, type RunOutcome, type TrainingRecord } from './run.js';
import { DEFAULTS, settingsOf, type RunOptions } from './run-options.js';

export interface TrainBaseOptions extends RunOptions {
  /** `drn-d-22` */
  model: string;
  /** Multiplies the channels of every layer. Default: 1. */
  width?: number;
  /** How pictures of any size come to a network that answers for whole ones. Default: they keep their size. */
  fit?: Fit;
}

/** What a run that writes a checkpoint came to. */
export interface CheckpointOutcome extends RunOutcome {
  /** What adaptors and splits know the checkpoint by. */
  hash: string;
}

/**
 * Trains a network from fresh weights on clean data, and writes a checkpoint.
 *
 * @throws E_MODEL_NAME, E_DATA_SPEC, E_OUT_EXISTS, E_TRAIN_UNFINISHED, E_TRAIN_RESUME, E_TRAIN_LOSS, E_TRAIN_DATA; see docs/errors.md
 */
export async function trainBase(options: TrainBaseOptions): Promise<CheckpointOutcome> {
  const { data, model, width = 1, fit, out, storage = 'fp32' } = options;
  const settings = settingsOf(options, DEFAULTS);
  const dataset = await openDataset(data);
  if (dataset.unlabelled) failUnlabelled(data);
  const { classes, ignore } = dataset;
  const outcome = await performRun({
    options,
    settings,
    dataset,
    source: sourceAt(options, 'clean'),
    level: 'clean',
    makeNetwork: () =>
      createNetwork(
        { name: model, classes: classes.length, width },
        { seed: settings.seed, preprocessing: { ...IMAGENET, ...(fit && { fit }) } },
      ),
    async save(network, record) {
      const { preprocessing } = network.input;
      const config = { network: network.spec, ...storedTask(network), classes, ignore, preprocessing, storage };
      await saveCheckpoint(out, { ...config, training: { ...record } }, stateDict(network), network.parameters);
    },
    readRecord: async () => (await readCheckpointConfig(out)).training as unknown as TrainingRecord,
  });
  return { ...outcome, hash: await baseHash(out) };
}
