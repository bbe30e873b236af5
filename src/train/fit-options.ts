import { canonicalJson, sha256 } from '../common/files.js';
import type { Factors } from '../adaptor/lora.js';
import type { Progress } from '../common/progress.js';
import type { Augmentation } from '../data/augment.js';
import type { SampleSource } from '../data/source.js';
import { enginePrecision, type Precision } from '../engine/precision.js';
import type { Network } from '../models/network.js';
import type { Task } from '../tasks/task.js';
import { allTrainable, type TrainableNames } from './freeze.js';
import type { RunIdentity } from './identity.js';
import type { LoraSettings } from './lora-factors.js';
import type { RunLog } from './log/run-log.js';
import type { Schedule } from './schedule.js';
import { labels } from './objectives/labels.js';
import type { Objective } from './objectives/objective.js';
import type { EpochRecord, EpochScore } from './state.js';
import type { OptimizerSettings } from './sgd.js';

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
  /** Names of the tensors that may change. Default: all but the fixed ones. */
  trainable?: TrainableNames;
  /** Train factors of low-rank changes of these, in place of the tensors themselves. */
  lora?: Pick<LoraSettings, 'ranks'>;
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
  /** Of low-rank changes, by the convolution's name. */
  factors?: Map<string, Factors>;
}

/** What a run trains for. */
export function objectiveOf({ objective = labels }: Pick<FitOptions, 'objective'>): Objective {
  return objective;
}

/** Names of the tensors that a run changes, or whose low-rank changes it trains. */
export function trainableIn({ network, trainable, lora }: FitOptions): TrainableNames {
  return lora ? new Set(lora.ranks.map(({ name }) => name)) : (trainable ?? allTrainable(network));
}

/** Everything that a run's outcome depends on, with paths left out: they say nothing of what is there. */
export function identityOf(options: FitOptions): RunIdentity {
  const { settings, network, trainable, lora, precision, identity } = options;
  const { source, samples, augment, ...rest } = settings;
  const names = (list: Iterable<string>): string => sha256(canonicalJson([...list]));
  return {
    ...rest,
    data: source.args,
    samples: samples ? `${samples.length}: ${names(samples).slice(0, 16)}` : 'all',
    size: augment.crop.join('x'),
    scale: augment.scale,
    flip: augment.flip ?? false,
    border: augment.border,
    network: network.spec,
    trainable: trainable ? names([...trainable].sort()).slice(0, 16) : 'all',
    ...(lora && { lora: names(lora.ranks.map(({ name, rank }) => `${name}:${rank}`)).slice(0, 16) }),
    precision: precision ?? enginePrecision(),
    ...objectiveOf(options).identity,
    ...identity,
  };
}
