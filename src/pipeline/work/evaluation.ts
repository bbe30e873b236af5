import { BatchLoader, type Batch } from '../../data/batches.js';
import { sliceIds } from '../../data/slice.js';
import { openSource } from '../../data/source.js';
import { imageOf } from '../../tasks/arrays.js';
import { meanSeconds, timeReading } from '../../train/measure.js';
import type { Base } from '../steps/target.js';
import type { CleanImages } from '../images.js';
import { withPredictor, type Evaluator } from '../steps/score.js';
import { formatSeconds, type Workload } from './workload.js';

/**
 * Evaluating a network of the base's size; a unit is an image.
 *
 * @param count images, some of them more than once perhaps
 */
export function evaluationWorkload(
  base: Base,
  images: CleanImages,
  evaluator: Evaluator,
  count = images.count,
): Workload {
  return {
    kind: 'evaluated image',
    images: count,
    async measure({ signal }) {
      const { dataset, slice } = images;
      const { workers } = evaluator;
      const source = openSource(dataset.spec);
      const ids = sliceIds(dataset, slice, 'samples');
      const loaded = { source, split: slice.split, batch: 1, workers, cacheBytes: 0, seed: 0, shuffle: false };
      const loader = await BatchLoader.open({ ...loaded, samples: ids });
      const { reading, batches } = await timeReading(loader, workers, signal).finally(() => loader.close());
      const [frame] = batches as [Batch];
      const { height, width, targets } = frame;
      const seconds = await withPredictor(await base.load(), evaluator, (network, predictor) => {
        const metric = predictor.task.metric(network.spec.classes);
        const run = (): void => {
          const answer = predictor.predict(frame)[0];
          // Without labels what counts is another answer.
          const target = dataset.unlabelled ? predictor.task.targetOf(answer) : undefined;
          const truth = target === undefined ? targets : predictor.task.collate([target], [dataset.spec]);
          metric.count(imageOf(truth, 0), answer, dataset.spec);
        };
        // The first builds the graph.
        run();
        return meanSeconds(run, signal);
      });
      return {
        images: 1,
        seconds: Math.max(seconds, reading),
        how: `an image of ${height}x${width} takes ${formatSeconds(seconds)}, reading one ${formatSeconds(reading)} beside it`,
      };
    },
  };
}
