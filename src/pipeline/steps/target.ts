import type { Engine } from '../../engine/start.js';
import type { Slice } from '../../data/slice.js';
import type { Checkpoint } from '../../models/checkpoint.js';
import type { ChooserName } from '../../select/choosers/registry.js';
import type { Granularity } from '../../select/item.js';
import type { ValueName } from '../../select/values/registry.js';
import type { Step, StepContext } from '../graph.js';
import type { ALIGNED } from '../../train/start.js';
import type { LevelImages } from '../images.js';
import type { FinetuneConfig } from '../training-config.js';
import type { BaseOutput, NetworkOutput, SplitOutput } from './outputs.js';

/** A network that is fine-tuned, and where its checkpoint lies for a step that has it among its inputs. */
export interface Base {
  step: Step<NetworkOutput>;
  folderIn(context: StepContext): string;
  /** For measuring: its weights, or fresh ones of the same network where it is yet to be trained. */
  load(): Promise<Checkpoint>;
}

/** The base of an experiment. */
export interface FirstBase extends Base {
  step: Step<BaseOutput>;
}

/** What an adaptor's items are chosen by. */
export interface ItemChoice {
  budget: string;
  granularity: Granularity;
  values: ValueName;
  choose: ChooserName;
  /** Of a random choice. */
  seed: number;
}

/** A step that chooses the items of an adaptor. */
export interface SplitStep extends Step<SplitOutput> {
  choice: ItemChoice;
}

/** What all fine-tunes of an experiment have in common. */
export interface FinetuneSettings {
  config: FinetuneConfig & {
    /** Share of the steps over which what is trained is averaged, the last ones. */
    average?: number;
  };
  seed: number;
  workers: number;
  /** In the precision of training. */
  engine: Engine;
}

/** A fine-tune: of what, on what, for what. */
export interface FinetuneTarget {
  base: Base;
  images: LevelImages;
  /** Images of several levels, of which every epoch draws one anew for each sample; in place of `images`. */
  mixture?: readonly LevelImages[];
  /** The level that is adapted to, where the mixture stands for one; otherwise it is one for all levels. */
  named?: string;
  /** Positions among the images to train on. Default: all. */
  part?: Slice;
  settings: FinetuneSettings;
  /** What of the base is trained, as `parseAdaptation` reads it. Default: the whole network, or the items of `split`. */
  adapt?: string;
  /** What training starts from: `aligned` first layers. Default: the base. */
  start?: typeof ALIGNED;
  /** The items to adapt. */
  split?: SplitStep;
  /** What to train for, as `parseObjective` reads it. Default: the labels. */
  objective?: string;
}
