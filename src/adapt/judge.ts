import { AdaptorBank } from '../adaptor/bank.js';
import { changingNames } from '../adaptor/changing.js';
import { loadAdaptor } from '../adaptor/file.js';
import { mergedTensors } from '../adaptor/merge.js';
import type { Progress } from '../common/progress.js';
import type { Dataset } from '../data/dataset.js';
import { sliceIds, type Slice } from '../data/slice.js';
import { CLEAN } from '../distort/level.js';
import { sourceAt } from '../distort/level-source.js';
import type { Precision } from '../engine/precision.js';
import { answersAsTargets } from '../eval/answers.js';
import { type Interval, isEnough, pairedInterval } from '../eval/bootstrap.js';
import { evaluate } from '../eval/evaluate.js';
import { createPredictor, type Predictor } from '../eval/predictor.js';
import { networkOf, type Checkpoint } from '../models/checkpoint.js';
import type { Network } from '../models/network.js';
import type { Collated } from '../tasks/arrays.js';
import { taskOf } from '../tasks/registry.js';

export interface JudgeOptions {
  base: Checkpoint;
  dataset: Dataset;
  /** Compare with the base's own answers on clean pictures, in place of labels. */
  agreement: boolean;
  precision?: Precision;
  workers?: number;
  progress?: Progress;
  signal?: AbortSignal;
}

/** What is asked of a judge. */
export interface Question {
  /** Which pictures. */
  slice: Slice;
  level: string;
  /** Folder of an adaptor. */
  adaptor: string;
  /** Whether it answers; else the base does, computed as beside that adaptor, so that the two differ in nothing else. Default: true. */
  active?: boolean;
  /** For progress: `jpeg=10 before`. */
  title: string;
}

/** How it did. */
export interface Verdict {
  /** The task's primary score, 0..1; NaN where nothing counts. */
  score: number;
  /** Of each picture, in order, as the task's metric counts. */
  counts: unknown[];
}

/** Scores a base and adaptors on parts of a dataset. The base's answers on clean pictures are computed once for each part. */
export class Judge {
  private readonly network: Network;
  private readonly truths = new Map<string, Promise<Collated[]>>();
  /** By what changes beside them: a graph is traced anew for every size of pictures, which takes longer than to answer one. */
  private readonly predictors = new Map<string, Predictor<unknown>>();

  constructor(private readonly options: JudgeOptions) {
    this.network = networkOf(options.base);
  }

  async score({ slice, level, adaptor: folder, active = true, title }: Question): Promise<Verdict> {
    const { base, dataset, agreement, workers, progress, signal } = this.options;
    const samples = sliceIds(dataset, slice, 'pictures');
    const truths = agreement ? await this.truthsOf(slice, samples) : undefined;
    const state = mergedTensors(await loadAdaptor(folder, base), (name) => base.state.get(name));
    const bank = new AdaptorBank(this.network);
    bank.add(level, state);
    const predictor = this.predictor(state.keys());
    try {
      if (active) bank.swap(level);
      const counts: unknown[] = [];
      const { scores, primary } = await evaluate({
        ...{ network: this.network, predictor, source: sourceAt({ data: dataset.spec }, level) },
        ...{ split: slice.split, samples, truths, workers, progress, signal, task: title },
        onImage: (one) => counts.push(one),
      });
      return { score: scores[primary]!, counts };
    } finally {
      bank.dispose();
    }
  }

  /**
   * Whether one verdict is better than another of the same pictures, and not by the luck of a few of them: the 95% interval of the difference lies
   * above 0. Of too few pictures for that the score decides.
   */
  isBetter(one: Verdict, other: Verdict): boolean {
    const gain = this.gain(one, other);
    return gain ? gain.low > 0 : one.score > other.score;
  }

  /** By how much a verdict is better than another of the same pictures; undefined where these are too few to tell. */
  gain(one: Verdict, other: Verdict): Interval | undefined {
    if (!isEnough(one.counts.length, 1)) return undefined;
    const { config } = this.options.base;
    const metric = taskOf(config).metric(config.classes.length);
    return pairedInterval(metric, [[other.counts, one.counts]], { block: 1, resamples: 1000, seed: 0 });
  }

  dispose(): void {
    for (const predictor of this.predictors.values()) predictor.dispose();
    this.network.dispose();
  }

  private truthsOf(slice: Slice, samples: string[]): Promise<Collated[]> {
    const key = JSON.stringify(slice);
    const known = this.truths.get(key);
    if (known) return known;
    const { dataset, workers, progress, signal } = this.options;
    const answers = answersAsTargets({
      ...{ predictor: this.predictor([]), source: sourceAt({ data: dataset.spec }, CLEAN.text) },
      ...{ split: slice.split, samples, workers, progress, signal, task: 'clean answers' },
    });
    this.truths.set(key, answers);
    return answers;
  }

  private predictor(replaced: Iterable<string>): Predictor<unknown> {
    const changing = changingNames(this.network, replaced);
    const key = [...changing].sort().join();
    const known = this.predictors.get(key);
    if (known) return known;
    const { precision, base } = this.options;
    const made = createPredictor(this.network, taskOf(base.config), { precision, changing });
    this.predictors.set(key, made);
    return made;
  }
}
