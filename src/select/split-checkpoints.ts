import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { canonicalJson } from '../common/files.js';
import { blankNetworkOf, loadCheckpoint, type Checkpoint } from '../models/checkpoint.js';
import { matchState } from '../models/state-dict.js';
import type { Granularity, NetworkItem } from './item.js';
import { itemsOf } from './items.js';
import type { TensorValues } from './sensitivity.js';
import { createSplit, type ChoiceOptions, type Split } from './split.js';

/** A base fine-tuned as a whole at one level. */
export interface TunedCheckpoint {
  /** Its folder. */
  folder: string;
  /** Of the loss at the level, at the base's weights, for values that need them. */
  gradients?: ReadonlyMap<string, TensorValues>;
}

export interface SplitCheckpointsOptions extends ChoiceOptions {
  /** Folder of the base. */
  base: string;
  /** Folder of the base after full fine-tuning at one level. */
  tuned: string;
  /** Of the loss at that level, at the base's weights, for values that need them. */
  gradients?: ReadonlyMap<string, TensorValues>;
  /** The same at the other levels, for a choice that all levels share. */
  others?: readonly TunedCheckpoint[];
  /** `0.2%` of the state, or a number of parameters. */
  budget: string;
  granularity?: Granularity;
}

/** A split, and every item that it was chosen from, in the network's order. */
export interface CheckpointSplit {
  split: Split;
  items: NetworkItem[];
}

/**
 * The split of two checkpoints: measures what full fine-tuning changed, and chooses within the budget. The running engine
 * counts the network's tensors, and computes nothing.
 *
 * @throws E_CHECKPOINT, E_STATE, E_SPLIT_BUDGET; E_SPLIT_STATE if `tuned` is not a fine-tune of `base`
 */
export async function splitCheckpoints(options: SplitCheckpointsOptions): Promise<CheckpointSplit> {
  const { budget, granularity, values, choose, seed, gradients, others = [] } = options;
  const [base, tuned] = [await loadCheckpoint(options.base), await loadCheckpoint(options.tuned)];
  const level = levelOf(tuned, base);
  const network = blankNetworkOf(base);
  try {
    const stateOf = ({ state, folder }: Checkpoint): Checkpoint['state'] =>
      matchState(network.parameters, state, join(folder, 'model.safetensors'));
    const elsewhere = await Promise.all(
      others.map(async (other) => {
        const checkpoint = await loadCheckpoint(other.folder);
        levelOf(checkpoint, base);
        return { tuned: stateOf(checkpoint), gradients: other.gradients };
      }),
    );
    const split = createSplit({
      parameters: network.parameters,
      base: stateOf(base),
      tuned: stateOf(tuned),
      gradients,
      others: elsewhere,
      level,
      baseHash: base.hash,
      ...{ budget, granularity, values, choose, seed },
    });
    return { split, items: itemsOf(network.parameters, granularity) };
  } finally {
    network.dispose();
  }
}

/** The level that a checkpoint was fine-tuned at. @throws E_SPLIT_STATE if it is no fine-tune of this base */
function levelOf(tuned: Checkpoint, base: Checkpoint): string {
  const { network, training } = tuned.config;
  if (canonicalJson(network) !== canonicalJson(base.config.network)) {
    refuse(tuned, `a fine-tune of ${describe(base)}`, describe(tuned));
  }
  if (training['base'] !== undefined && training['base'] !== base.hash) {
    refuse(tuned, `a fine-tune of the base ${base.hash}`, `one of ${String(training['base'])}`);
  }
  const level = training['level'];
  if (typeof level === 'string' && level !== '') return level;
  return refuse(tuned, 'a level in its training record', 'none');
}

function describe({ config: { network } }: Checkpoint): string {
  return `${network.name} with ${network.classes} classes at width ${network.width}`;
}

function refuse({ folder }: Checkpoint, expected: string, got: string): never {
  fail('E_SPLIT_STATE', {
    where: folder,
    expected,
    got,
    todo: 'Give what gearnn finetune --checkpoint BASE --level LEVEL, without --split, has written.',
  });
}
