import { stateDict } from '../../../src/models/state-dict.js';
import { segmentationTask } from '../../../src/tasks/segmentation/task.js';
import { openSource } from '../../../src/data/source.js';
import { fit, type FitOptions, type FitResult, type FitSettings } from '../../../src/train/fit.js';
import { tinyNetwork } from './tiny.js';

/** Eight samples, two epochs of four steps. */
export const SETTINGS: FitSettings = {
  source: openSource('scenes:3@16x24'),
  split: 'train',
  samples: Array.from({ length: 8 }, (_, i) => `train/000${i}`),
  epochs: 2,
  batch: 2,
  augment: { crop: [8, 16], flip: true },
  learningRate: 0.05,
  schedule: { kind: 'poly' },
  momentum: 0.9,
  weightDecay: 1e-4,
  seed: 1,
};

export interface TinyRun extends FitResult {
  /** Bytes of every tensor, by name. */
  weights: Record<string, string>;
}

/** Trains a tiny network on street scenes; {@link SETTINGS} unless said. */
export async function trainTiny(
  settings: Partial<FitSettings> = {},
  options: Partial<FitOptions> = {},
): Promise<TinyRun> {
  const network = options.network ?? tinyNetwork();
  const task = segmentationTask(255);
  try {
    const result = await fit({ network, task, settings: { ...SETTINGS, ...settings }, ...options });
    return { ...result, weights: weightsOf(network) };
  } finally {
    if (!options.network) network.dispose();
  }
}

export function weightsOf(network: Parameters<typeof stateDict>[0]): Record<string, string> {
  return Object.fromEntries(
    [...stateDict(network)].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('hex')]),
  );
}
