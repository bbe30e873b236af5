import type { KindFields } from '../../adaptor/kinds/registry.js';
import type { Network } from '../../models/network.js';
import type { StateDict } from '../../models/state-dict.js';
import type { TrainableNames } from '../freeze.js';
import type { RunIdentity } from '../identity.js';
import type { Optimizer, OptimizerSettings } from '../optimizers.js';

/** How a base is changed by a fine-tune: which of its tensors, by which optimizer, and what is kept of it. */
export interface Adaptation extends Openable {
  /** As options name it: `lora`. */
  readonly name: string;
  /** In words, for estimates: `low-rank changes`. */
  readonly description: string;
  /** What it takes, by name: `{ budget: '0.2%' }`. */
  readonly settings: Readonly<Record<string, string>>;
  /** What a run comes to: a whole network, or an adaptor beside the base. */
  readonly result: 'network' | 'adaptor';
}

/** All that training asks of an adaptation. */
export interface Openable {
  /** Readies it for a network. @throws where it cannot be applied to that one */
  open(network: Network): OpenAdaptation;
}

/** An adaptation of one network. */
export interface OpenAdaptation {
  /** Names of the tensors that may change; every other one keeps its bits. */
  readonly changes: TrainableNames;
  /** What a training run notes of it, by name. */
  readonly identity: RunIdentity;
  /** What the config of an adaptor says of it; none where a whole network is kept. */
  readonly fields?: KindFields;
  /** What moves the tensors; it goes with its `dispose`. */
  optimizer(settings: AdaptingSettings): AdaptingOptimizer;
}

export interface AdaptingSettings extends OptimizerSettings {
  /** Of first values beside the network's. */
  seed: number;
}

/** An optimizer that may train tensors of its own in place of the network's. */
export interface AdaptingOptimizer extends Optimizer {
  /** Those, as they are now, by the names of an adaptor's file and in the reference's layout. Default: none. */
  own?(): StateDict;
}
