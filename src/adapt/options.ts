import type { Progress } from '../common/progress.js';
import type { Engine } from '../engine/start.js';
import type { Way } from './ways.js';

export interface AdaptOptions {
  /** Folder of the network as it is. */
  checkpoint: string;
  /** Pictures like those that it will see, before anything disturbed them: `images:DIR`, or labelled ones. */
  data: string;
  /** To adapt to: `jpeg=10`, each once. */
  levels: readonly string[];
  /** Folder for the adaptors, `OUT/LEVEL/`. */
  out: string;
  /** Parameters of an adaptor: a number, or a share of the network's. Default: `0.2%`. */
  budget?: string;
  /** What to adapt: `items` that the knapsack chooses, `affine` for all scales and shifts, `low-rank` changes of convolutions, or `best`, which tries all. Default: `auto`, `affine` where the budget has room for it and else `items`. */
  how?: string;
  /** Optimizer steps of the longest training. Default: 160. */
  steps?: number;
  /** What to train for, as `finetune` takes it. Default: `teacher`. */
  objective?: string;
  /** Learning rates to try for adaptors. Default: {@link RATES}, by whether it starts from aligned first layers. */
  rates?: readonly number[];
  /** Images per optimizer step. Default: as many as 200,000 pixels hold, 1 to 4; the network's, where it was trained on pictures of one size or finds objects. */
  batch?: number;
  /** Height and width of training crops. Default: whole pictures of up to 200,000 pixels; of mixed sizes what nine of ten hold; the network's, where it was trained on pictures of one size or finds objects. */
  size?: [height: number, width: number];
  seed: number;
  engine: Engine;
  /** Threads that decode. Default: 1. */
  workers?: number;
  /** Go on with an interrupted call. */
  resume?: boolean;
  /** Throw away what an interrupted call left, and replace adaptors that are there. */
  force?: boolean;
  progress?: Progress;
  signal?: AbortSignal;
  warn?: (message: string) => void;
  /** Called with every level's result as it is ready. */
  onRow?: (row: AdaptRow) => void;
}

/** What adapting to a level came to. Scores are the task's primary one, 0..1, on pictures that nothing was chosen by. */
export interface AdaptRow {
  level: string;
  /** The network as it is, at the level. */
  before: number;
  /** With the adaptor, at the level. */
  after: number;
  /** With the adaptor, on clean pictures: what it would cost to keep it there. */
  clean: number;
  /** The adaptor is in OUT: it was surely better than the network as it is on pictures that it was not trained on. */
  kept: boolean;
  /** What the adaptor holds. */
  how: Way;
  /** Values that the adaptor holds. */
  parameters: number;
  /** What was chosen on held-out pictures: 0 and 0 where aligned first layers did best, and nothing was trained. */
  rate: number;
  steps: number;
  /** Of what training changed that the adaptor holds, 0..1. */
  share: number;
  /** Wall-clock seconds. */
  seconds: number;
}

export interface AdaptOutcome {
  /** Name and heading of the score. */
  score: string;
  heading: string;
  /** The answers are compared with the network's own on clean pictures, not with labels. */
  agreement: boolean;
  /** Number of pictures: to train on, to choose by, and to measure on. */
  pictures: { train: number; choose: number; measure: number };
  rows: AdaptRow[];
}

export const ADAPT = { budget: '0.2%', how: 'auto', steps: 160, objective: 'teacher' };

/**
 * Of adaptors, to choose from. Small ones keep what is right, which is most of it where first layers are aligned already; large ones win more back where
 * little is left.
 */
export const RATES = { aligned: [0.001, 0.003], fresh: [0.003, 0.01] };
