import { setImmediate } from 'node:timers/promises';
import { fail } from '../common/errors.js';
import type { Progress } from '../common/progress.js';
import { BatchLoader } from '../data/batches.js';
import type { SampleSource } from '../data/source.js';
import type { Network } from '../models/network.js';
import { ConfusionMatrix } from './confusion.js';
import { scoresOf, type Scores } from './iou.js';
import type { Predictor } from './predictor.js';
import { finishRuns } from './runs.js';

export interface EvaluateOptions {
  network: Network;
  predictor: Predictor;
  /** The frames, distorted already or as they are read: `distortedSource(spec, level)`. */
  source: SampleSource;
  split: string;
  /** Ids of the samples; all of the split unless said. */
  samples?: string[];
  /** Frames per run of the network; they must be of one size then. 1 unless said. */
  batch?: number;
  /** Threads that decode; 1 unless said. */
  workers?: number;
  /** Called with every frame's own confusion matrix, in order. */
  onImage?: (confusion: ConfusionMatrix) => void;
  /** Names the run in progress reports: `jpeg=10 adaptor`. */
  task?: string;
  progress?: Progress;
  signal?: AbortSignal;
}

/** How a network did on a split. */
export interface Evaluation extends Scores {
  images: number;
  /** Of predicting and counting; decoding runs beside it. */
  seconds: number;
}

/**
 * Scores a network on whole frames of their own size; where labels are larger, the network's output is brought to their size.
 *
 * @throws E_EVAL_CLASSES where network and dataset differ in their number of classes, and what reading the samples throws
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { network, predictor, source, split, samples, batch = 1, workers = 1, progress, signal } = options;
  const loader = await BatchLoader.open({
    source,
    split,
    samples,
    batch,
    workers,
    seed: 0,
    shuffle: false,
    cacheBytes: 0,
  });
  try {
    const { classes, ignore, spec } = loader.dataset;
    if (classes.length !== network.spec.classes) {
      fail('E_EVAL_CLASSES', {
        where: spec,
        expected: `${network.spec.classes} classes, as the network has`,
        got: String(classes.length),
        todo: 'Evaluate on data with the classes that the network was trained on.',
      });
    }
    const confusion = new ConfusionMatrix(classes.length);
    let [images, seconds] = [0, 0];
    for await (const frames of loader.epoch(0)) {
      signal?.throwIfAborted();
      const start = performance.now();
      const { labelHeight: height, labelWidth: width } = frames;
      const predictions = await finishRuns(predictor.predictInRuns(frames, { height, width }), { signal });
      const pixels = height * width;
      frames.ids.forEach((id, i) => {
        const own = new ConfusionMatrix(classes.length);
        const part = <T extends Uint8Array>(ids: T): Uint8Array => ids.subarray(i * pixels, (i + 1) * pixels);
        own.add(part(frames.labels), part(predictions), ignore, { labels: id, predictions: id });
        confusion.merge(own);
        options.onImage?.(own);
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
    return { ...scoresOf(confusion), images, seconds };
  } finally {
    await loader.close();
  }
}
