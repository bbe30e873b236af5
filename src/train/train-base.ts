import { openDataset } from '../data/registry.js';
import { failUnlabelled } from '../data/unlabelled.js';
import { CLEAN } from '../distort/level.js';
import type { DetectionSize } from '../detect/transform.js';
import type { Fit } from '../image/fit.js';
import { sourceAt } from '../distort/level-source.js';
import { baseHash, readCheckpointConfig, saveCheckpoint } from '../models/checkpoint.js';
import { storedTask } from '../models/checkpoint-config.js';
import { putFirstWeights, readFirstWeights } from '../models/first-weights.js';
import { createNetwork } from '../models/registry.js';
import { requireSides } from '../models/task.js';
import { stateDict } from '../models/state-dict.js';
import { whole } from './adaptations/whole.js';
import { labels } from './objectives/labels.js';
import { performRun, type RunOutcome } from './run.js';
import { ALL_OF_TRAIN, DEFAULTS, meansOf, settingsOf, type RunOptions } from './run-options.js';
import type { Run } from './run-parts.js';

export interface TrainBaseOptions extends RunOptions {
  /** `drn-d-22` */
  model: string;
  /** Multiplies the channels of every layer. Default: 1. */
  width?: number;
  /** What normalizations add to variances. Default: the network's own. */
  epsilon?: number;
  /** How pictures of any size come to a network that answers for whole ones. Default: they keep their size. */
  fit?: Fit;
  /** What the sides of pictures are brought to by a network that finds things. Default: the network's own. */
  sides?: DetectionSize;
  /** A safetensors file of first weights, of a part of the network or of all of it. Default: all are drawn. */
  init?: string;
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
  const { data, model, width = 1, epsilon, fit, sides, init, out, storage = 'fp32' } = options;
  const { resume, force, inferSize, validate } = options;
  const settings = settingsOf(options, DEFAULTS);
  const dataset = await openDataset(data);
  if (dataset.unlabelled) failUnlabelled(data);
  const { classes, ignore } = dataset;
  const source = sourceAt(options, CLEAN.text);
  const training = options.samples ?? ALL_OF_TRAIN;
  const first = init === undefined ? undefined : await readFirstWeights(init);
  const run: Run = {
    adaptation: whole,
    objective: labels,
    samples: { dataset, source, level: CLEAN.text, training, validate, inferSize },
    settings,
    means: meansOf(options),
    makeNetwork() {
      const spec = { name: model, classes: classes.length, width, ...(epsilon !== undefined && { epsilon }) };
      const preprocessing = { ...(fit && { fit }), ...(sides && { sides }) };
      const network = createNetwork(spec, { seed: settings.seed, preprocessing });
      try {
        requireSides(network);
        if (first) putFirstWeights(network, first);
        return network;
      } catch (error) {
        network.dispose();
        throw error;
      }
    },
    ...(first && { base: first.hash }),
    storage,
  };
  const outcome = await performRun(run, {
    ...{ out, resume, force },
    async save(network, record) {
      const { preprocessing } = network.input;
      const config = { network: network.spec, ...storedTask(network), classes, ignore, preprocessing, storage };
      await saveCheckpoint(out, { ...config, training: { ...record } }, stateDict(network), network.parameters);
    },
    readTraining: async () => (await readCheckpointConfig(out)).training,
  });
  return { ...outcome, hash: await baseHash(out) };
}
