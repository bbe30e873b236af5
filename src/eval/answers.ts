import { setImmediate } from 'node:timers/promises';
import { BatchLoader } from '../data/batches.js';
import { viewsSource } from '../data/views-source.js';
import type { Collated } from '../tasks/arrays.js';
import type { EvaluateOptions } from './evaluate.js';
import { finishRuns } from './runs.js';

/** Which frames are answered; labels are not read. */
export type AnswerOptions = Pick<
  EvaluateOptions,
  'predictor' | 'source' | 'split' | 'samples' | 'workers' | 'progress' | 'signal' | 'task'
>;

/**
 * A network's answers for frames, as targets that other answers are compared with: agreement with them is measured without labels. All of them
 * are in memory, a byte per pixel of label maps.
 *
 * @throws what reading the samples throws, and the signal's reason
 */
export async function answersAsTargets(options: AnswerOptions): Promise<Collated[]> {
  const { predictor, split, samples, workers = 1, progress, signal } = options;
  const source = viewsSource(options.source, { split, labels: false });
  const loader = await BatchLoader.open({
    ...{ source, split, samples, workers, batch: 1, seed: 0, shuffle: false, cacheBytes: 0 },
  });
  const { task } = predictor;
  const targets: Collated[] = [];
  try {
    for await (const frames of loader.epoch(0)) {
      signal?.throwIfAborted();
      const [answer] = await finishRuns(predictor.predictInRuns(frames), { signal });
      targets.push(task.collate([task.targetOf(answer)], frames.ids));
      progress?.({ task: options.task ?? 'answers', done: targets.length, total: loader.sampleCount, unit: 'images' });
      await setImmediate();
    }
    return targets;
  } finally {
    await loader.close();
  }
}
