import { canonicalJson, sha256 } from '../common/files.js';
import type { Progress } from '../common/progress.js';
import { sizeText, type Augmentation } from '../data/augment.js';
import type { SampleSource } from '../data/source.js';
import { enginePrecision, type Precision } from '../engine/precision.js';
import type { Network } from '../models/network.js';
import type { StateDict } from '../models/state-dict.js';
import type { Task } from '../tasks/task.js';
import type { OpenAdaptation, Openable } from './adaptations/adaptation.js';
import { whole } from './adaptations/whole.js';
import type { RunIdentity } from './identity.js';
import type { RunLog } from './log/run-log.js';
import type { Schedule } from './schedule.js';
import { labels } from './objectives/labels.js';
import type { Objective } from './objectives/objective.js';
import type { EpochRecord, EpochScore } from './state.js';
import type { OptimizerSettings } from './optimizers.js';

/** Everything that the outcome of a run depends on, beside the network's first weights. */
export interface FitSettings extends OptimizerSettings {
  source: SampleSource;
  split: string;
  /** Ids of the samples to train on. Default: all of the split. */
  samples?: string[];
  /** So many of them that follow each other are variants of one, of which every epoch draws one. Default: 1. */
  variants?: number;
  epochs: number;
  /** Optimizer steps of the whole run, in place of `epochs`: the last epoch may end early. */
  steps?: number;
  batch: number;
  augment: Augmentation;
  learningRate: number;
  schedule: Schedule;
  /** Steps in which the rate rises from next to nothing to what the schedule says. Default: none. */
  warmup?: number;
  /** Norm that the gradients, taken together, are brought to where they are above it. Default: they stay. */
  clip?: number;
  /** Share of the steps, at the end, that the network ends as the mean of. Default: it ends as the last one left it. */
  average?: number;
  /** Not `fit`'s doing, but what a run that is done with it does next. */
  statistics?: 'precise';
  seed: number;
}

export interface FitOptions {
  network: Network;
  task: Task;
  /** What it is trained for. Default: the labels. */
  objective?: Objective;
  /** The samples before they were distorted, for objectives that look at both. */
  clean?: SampleSource;
  /** Makes the network with its first weights once more, for objectives that compare with it. */
  makeTeacher?(): Network;
  settings: FitSettings;
  /** What of the network is trained. Default: the whole. */
  adaptation?: Openable;
  /** Arithmetic of the step. Default: the engine's. */
  precision?: Precision;
  /**
   * File that the run's state is written to after every epoch, and taken up from when `resume` is set. It stays when the run is done:
   * whoever has saved the network removes it.
   */
  state?: string;
  resume?: boolean;
  /** What else the outcome depends on: the hash of the first weights, the engine and its threads. */
  identity?: RunIdentity;
  /** Told of what cannot be known of a state that is taken up. */
  warn?: (message: string) => void;
  /** Threads that decode. */
  workers?: number;
  progress?: Progress;
  /** Called when training begins, after every step and after every epoch. */
  log?: RunLog;
  /** Score to record after an epoch. */
  validate?: (epoch: number) => Promise<EpochScore | undefined>;
  /** When aborted, the state is saved after the running step, and the signal's reason is thrown. */
  signal?: AbortSignal;
}

/** What a run came to. */
export interface FitResult {
  epochs: EpochRecord[];
  /** Optimizer steps over the whole run. */
  steps: number;
  stepsPerEpoch: number;
  /** Tensors that were trained in place of the network's, as an adaptor holds them. */
  own?: StateDict;
}

/** What a run trains for. */
export function objectiveOf({ objective = labels }: Pick<FitOptions, 'objective'>): Objective {
  return objective;
}

/** What of its network a run trains. */
export function adaptationOf({
  network,
  adaptation = whole,
}: Pick<FitOptions, 'network' | 'adaptation'>): OpenAdaptation {
  return adaptation.open(network);
}

/** Everything that a run's outcome depends on, with paths left out: they say nothing of what is there. */
export function identityOf(options: FitOptions): RunIdentity {
  const { settings, network, precision, identity } = options;
  const { source, samples, augment, ...rest } = settings;
  return {
    ...rest,
    data: source.args,
    samples: samples ? `${samples.length}: ${sha256(canonicalJson(samples)).slice(0, 16)}` : 'all',
    size: sizeText(augment.crop),
    scale: augment.scale,
    flip: augment.flip ?? false,
    border: augment.border,
    network: network.spec,
    ...adaptationOf(options).identity,
    precision: precision ?? enginePrecision(),
    ...objectiveOf(options).identity,
    ...identity,
  };
}
