import { setImmediate } from 'node:timers/promises';
import { fail } from '../common/errors.js';
import type { Progress } from '../common/progress.js';
import { BatchLoader } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import type { SampleSource } from '../data/source.js';
import { viewsSource } from '../data/views-source.js';
import type { Network } from '../models/network.js';
import { type Collated, imageOf } from '../tasks/arrays.js';
import { requireTask } from './require-task.js';
import type { Predictor } from './predictor.js';
import { finishRuns } from './runs.js';

export interface EvaluateOptions<Answer = unknown> {
  network: Network;
  predictor: Predictor<Answer>;
  /** The frames, distorted already or as they are read: `distortedSource(spec, level)`. */
  source: SampleSource;
  split: string;
  /** Ids of the samples. Default: all of the split. */
  samples?: string[];
  /** Frames per run of the network; they must be of one size then. Default: 1. */
  batch?: number;
  /** Threads that decode. Default: 1. */
  workers?: number;
  /** What answers are compared with in place of labels, which are not read then: a target for each sample, in their order. */
  truths?: readonly Collated[];
  /** Called with every frame's own counts, in order: what the task's metric makes scores of. */
  onImage?: (counts: unknown) => void;
  /** Names the run in progress reports: `jpeg=10 adaptor`. */
  task?: string;
  progress?: Progress;
  signal?: AbortSignal;
}

/** How a network did on a split. */
export interface Evaluation {
  /** By name, 0..1 each; NaN where nothing counts. Of label maps `miou` and `pixelAccuracy`. */
  scores: Record<string, number>;
  /** Which of them networks are compared by. */
  primary: string;
  /** Per class, `[classes]`, by name; NaN where a class has none. Of label maps `iou`. */
  classScores: Record<string, Float64Array>;
  /** Of label maps, what `scores` and `classScores` hold as well. */
  miou?: number;
  iou?: Float64Array;
  pixelAccuracy?: number;
  images: number;
  /** Of predicting and counting; decoding runs beside it. */
  seconds: number;
}

/**
 * Scores a network on whole frames of their own size; where labels are larger, the network's output is brought to their size.
 *
 * @throws E_EVAL_CLASSES where network and dataset differ in their number of classes, E_DATA_TASK where they differ in their task, and what
 *   reading the samples throws
 */
export async function evaluate<Answer>(options: EvaluateOptions<Answer>): Promise<Evaluation> {
  const { network, predictor, split, samples, truths, batch = 1, workers = 1, progress, signal } = options;
  const loader = await BatchLoader.open({
    source: viewsSource(options.source, { split, labels: !truths }),
    split,
    samples,
    batch,
    workers,
    seed: 0,
    shuffle: false,
    cacheBytes: 0,
  });
  try {
    const { task } = predictor;
    if (!truths) {
      requireTask(loader.dataset, network);
      requireClasses(loader.dataset, network);
    }
    const metric = task.metric(network.spec.classes);
    const sum = metric.none();
    let [images, seconds] = [0, 0];
    for await (const frames of loader.epoch(0)) {
      signal?.throwIfAborted();
      const start = performance.now();
      const size = task.answerSize?.(truths?.[images] ?? frames.targets);
      const answers = await finishRuns(predictor.predictInRuns(frames, size), { signal });
      frames.ids.forEach((id, i) => {
        const counts = metric.count(truths?.[images + i] ?? imageOf(frames.targets, i), answers[i]!, id);
        metric.merge(sum, counts);
        options.onImage?.(counts);
      });
      images += frames.batch;
      seconds += (performance.now() - start) / 1000;
      progress?.({
        task: options.task ?? `evaluate ${split}`,
        done: images,
        total: loader.sampleCount,
        unit: 'images',
        values: { 'images/s': (images / seconds).toFixed(1) },
      });
      await setImmediate();
    }
    const [scores, classScores] = [metric.scores(sum), metric.classScores(sum)];
    return { ...scores, ...classScores, scores, primary: metric.primary, classScores, images, seconds };
  } finally {
    await loader.close();
  }
}

function requireClasses({ classes, spec }: Dataset, network: Network): void {
  // Foreground is told from its background, which a network has no class of.
  if (classes.length === network.spec.classes || network.task === 'foreground') return;
  fail('E_EVAL_CLASSES', {
    where: spec,
    expected: `${network.spec.classes} classes, as the network has`,
    got: String(classes.length),
    todo: 'Evaluate on data with the classes that the network was trained on.',
  });
}
