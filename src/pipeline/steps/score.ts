import { canonicalJson } from '../../common/files.js';
import { onlinePredictor, type Online } from '../../adapt/online/online.js';
import type { Slice } from '../../data/slice.js';
import { sliceIds } from '../../data/slice.js';
import { loadSource, type SampleSource } from '../../data/source.js';
import type { Engine } from '../../engine/start.js';
import { answersAsTargets } from '../../eval/answers.js';
import { evaluate, type Evaluation } from '../../eval/evaluate.js';
import { createPredictor, type Predictor } from '../../eval/predictor.js';
import { networkOf, type Checkpoint } from '../../models/checkpoint.js';
import type { Network } from '../../models/network.js';
import type { Collated } from '../../tasks/arrays.js';
import { taskOf } from '../../tasks/registry.js';
import { totalParameters } from '../../select/items.js';
import type { StepContext } from '../graph.js';
import type { CleanAnswers } from './clean-answers.js';

/** How networks are evaluated. */
export interface Evaluator {
  /** In the precision of evaluation. */
  engine: Engine;
  workers: number;
  /** What bases answered in this run already. Without it they answer anew each time. */
  answers?: CleanAnswers;
}

/** How a network did, and how large it is. */
export interface Score extends Evaluation {
  /** Parameters of its whole state. */
  total: number;
}

/** What answers are compared with where nothing is labelled: those of the base on the same pictures, clean. */
export interface Compared {
  base: Checkpoint;
  source: SampleSource;
  slice: Slice;
}

/** Scores a network on samples. */
export async function score(
  checkpoint: Checkpoint,
  {
    source,
    slice,
    evaluator,
    context,
    onImage,
    compared,
    online,
    ...given
  }: {
    source: SampleSource;
    slice: Slice;
    evaluator: Evaluator;
    context: StepContext;
    onImage?: (counts: unknown) => void;
    compared?: Compared;
    /** Ids of the samples, in this order. Default: those of the slice. */
    samples?: readonly string[];
    /** Adapts while it answers. */
    online?: Online;
  },
): Promise<Score> {
  const truths = compared && (await cleanAnswers(compared, evaluator, context));
  const use = async (network: Network, predictor: Predictor<unknown>): Promise<Score> => {
    const samples = [...(given.samples ?? sliceIds(await loadSource(source), slice, 'samples'))];
    const { progress, signal } = context;
    const { workers } = evaluator;
    const task = 'evaluate';
    const { split } = slice;
    const result = await evaluate({
      network,
      predictor,
      source,
      split,
      samples,
      truths,
      workers,
      task,
      progress,
      signal,
      onImage,
    });
    return { ...result, total: totalParameters(network.parameters) };
  };
  return withPredictor(checkpoint, evaluator, use, online);
}

function cleanAnswers(
  { base, source, slice }: Compared,
  evaluator: Evaluator,
  { progress, signal }: StepContext,
): Promise<Collated[]> {
  const { hash, config } = base;
  const key = canonicalJson({ hash, config, source, slice, precision: evaluator.engine.precision });
  const make = (): Promise<Collated[]> =>
    withPredictor(base, evaluator, async (_, predictor) =>
      answersAsTargets({
        ...{ predictor, source, split: slice.split, samples: sliceIds(await loadSource(source), slice, 'samples') },
        ...{ workers: evaluator.workers, progress, signal, task: 'clean answers of the base' },
      }),
    );
  return evaluator.answers ? evaluator.answers.of(key, make) : make();
}

/** Calls `use` with a network that is ready to answer, its weights frozen into the graph unless it adapts while it answers. */
export async function withPredictor<T>(
  checkpoint: Checkpoint,
  { engine }: Evaluator,
  use: (network: Network, predictor: Predictor<unknown>) => Promise<T>,
  online?: Online,
): Promise<T> {
  const network = networkOf(checkpoint);
  const task = taskOf(checkpoint.config);
  const { precision } = engine;
  const predictor = online
    ? onlinePredictor(network, task, online, precision)
    : createPredictor(network, task, { precision, changing: new Set() });
  try {
    return await use(network, predictor);
  } finally {
    predictor.dispose();
    network.dispose();
  }
}
