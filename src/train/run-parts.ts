import type { Dataset } from '../data/dataset.js';
import type { InferSize } from '../data/enlarged-source.js';
import type { Slice } from '../data/slice.js';
import type { SampleSource } from '../data/source.js';
import type { Storage } from '../models/checkpoint-config.js';
import type { Network } from '../models/network.js';
import type { Adaptation } from './adaptations/adaptation.js';
import type { Objective } from './objectives/objective.js';
import type { RunMeans } from './run-means.js';
import type { TrainingSettings } from './run-options.js';
import type { StartingPoint } from './start.js';

/** What a run looks at. */
export interface RunSamples {
  /** The clean dataset, for its name, classes and ignore id. */
  dataset: Dataset;
  /** The samples as they are trained on: distorted, for a level. */
  source: SampleSource;
  level: string;
  /** Samples of the source that stand for each sample, of which every epoch draws one. Default: 1. */
  variants?: number;
  /** Their levels, in that order. */
  mixture?: readonly string[];
  /** The source's samples before they were distorted, where the objective or the start looks at them. */
  clean?: SampleSource;
  /** What to train on, counted without variants. */
  training: Slice;
  /** What to measure the task's primary score on after every epoch. Default: nothing. */
  validate?: Slice;
  inferSize?: InferSize;
}

/** What training is: of what, on what, by which objective, with which settings. */
export interface Run {
  /** What is trained. */
  adaptation: Adaptation;
  samples: RunSamples;
  objective: Objective;
  settings: TrainingSettings;
  means: RunMeans;
  /** Makes the network with its first weights, every time a new one; the run disposes it. */
  makeNetwork(): Network;
  /** Where training starts from, if elsewhere than the first weights. */
  start?: StartingPoint;
  /** Hash of the checkpoint that the first weights are of. */
  base?: string;
  /** How weights of the result are stored. */
  storage: Storage;
}
