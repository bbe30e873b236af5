import { BatchLoader, type Batch } from '../../data/batches.js';
import { sliceIds } from '../../data/slice.js';
import { openSource } from '../../data/source.js';
import { gradientMeter, measuredBy } from '../../frequency/gradients.js';
import { networkOf } from '../../models/checkpoint.js';
import { taskOf } from '../../tasks/registry.js';
import { meanSeconds } from '../../train/measure.js';
import type { CleanImages } from '../images.js';
import type { Base } from '../steps/target.js';
import { formatSeconds, type Workload } from './workload.js';

/**
 * Measuring the frequency response of a network of the base's size; a unit is an image.
 *
 * @param count images
 */
export function frequencyWorkload(base: Base, { dataset, slice }: CleanImages, count: number): Workload {
  return {
    kind: 'frequency response of an image',
    images: count,
    async measure({ signal }) {
      const stored = await firstOf(dataset.spec, slice.split, sliceIds(dataset, slice, 'samples')[0]!);
      const checkpoint = await base.load();
      const network = networkOf(checkpoint);
      const frame = measuredBy(network, stored);
      const { height, width } = frame;
      const meter = gradientMeter(network, { task: taskOf(checkpoint.config) }, [height, width]);
      try {
        // The first builds the graph.
        meter.measure(frame);
        const seconds = await meanSeconds(() => void meter.measure(frame), signal);
        return { images: 1, seconds, how: `an image of ${height}x${width} takes ${formatSeconds(seconds)}, in fp32` };
      } finally {
        meter.dispose();
        network.dispose();
      }
    },
  };
}

async function firstOf(spec: string, split: string, id: string): Promise<Batch> {
  const order = { batch: 1, seed: 0, shuffle: false, cacheBytes: 0 };
  const loader = await BatchLoader.open({ source: openSource(spec), split, samples: [id], ...order });
  try {
    for await (const frame of loader.epoch(0)) return frame;
    throw new Error(`no sample ${id}`);
  } finally {
    await loader.close();
  }
}
