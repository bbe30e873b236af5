import { fail } from '../common/errors.js';
import { BatchLoader } from '../data/batches.js';
import { viewsSource } from '../data/views-source.js';
import { objectiveOf, type FitOptions } from './fit-options.js';

/**
 * The batches of a run: shuffled, cut to the crop, full ones only.
 *
 * @throws E_USAGE for a crop that the network cannot take, E_TRAIN_DATA where the samples do not fill one batch
 */
export async function openLoader({ settings, clean, network, objective, workers }: FitOptions): Promise<BatchLoader> {
  const { crop } = settings.augment;
  // Whole images are padded to such multiples.
  const [height, width] = Array.isArray(crop) ? crop : [0, 0];
  if (height % network.input.stride !== 0 || width % network.input.stride !== 0) {
    fail('E_USAGE', {
      where: 'train.size',
      expected: `height and width that are multiples of ${network.input.stride}`,
      got: `${height}x${width}`,
      todo: `Use ${Math.ceil(height / network.input.stride) * network.input.stride}x${Math.ceil(width / network.input.stride) * network.input.stride}.`,
    });
  }
  const { split, samples, variants, batch, seed, augment } = settings;
  const { views, needsTarget } = objectiveOf({ objective });
  const source = viewsSource(settings.source, {
    clean: views.includes('clean') ? clean : undefined,
    split,
    labels: needsTarget,
  });
  const loader = await BatchLoader.open({
    source,
    split,
    samples,
    variants,
    batch,
    seed,
    augment,
    shuffle: true,
    dropLast: true,
    workers,
  });
  if (loader.batchesPerEpoch === 0) {
    await loader.close();
    fail('E_TRAIN_DATA', {
      where: `${loader.dataset.spec} ${split}`,
      expected: `at least one batch of ${batch} samples`,
      got: `${loader.sampleCount} samples`,
      todo: 'Give a smaller --batch or more samples.',
    });
  }
  return loader;
}
