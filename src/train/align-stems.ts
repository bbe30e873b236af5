import * as tf from '@tensorflow/tfjs';
import { setImmediate } from 'node:timers/promises';
import { loadCheckpoint, networkOf } from '../models/checkpoint.js';
import type { Network, Stem } from '../models/network.js';
import type { StateDict } from '../models/state-dict.js';
import { runOf, type FinetuneOptions } from './finetune.js';
import { openLoader } from './loader.js';
import { prepareFit } from './prepare-fit.js';

/** Variance, relative to the mean square, from which on a channel says something. */
const LEAST = 1e-6;

/**
 * Scales and shifts of the layers that read the picture, so that of distorted pictures they put out as nearly as they can what they put out of clean
 * ones: for each channel the straight line through the answers of both, by least squares, over one epoch of training batches. What a
 * distortion does to every pixel alike, as dimming does, it takes back at once; nothing is trained.
 *
 * @returns the tensors that change, in the checkpoint's layout; none where the network has no such layers
 * @throws what `finetune` throws
 * @source the idea of moving activations to where they were: Li et al., Revisiting Batch Normalization For Practical Domain Adaptation (2016),
 *   there by means and variances
 */
export async function alignedStems(options: Omit<FinetuneOptions, 'out' | 'objective'>): Promise<StateDict> {
  const base = await loadCheckpoint(options.checkpoint);
  const network = networkOf(base);
  try {
    const { stems } = network;
    if (!stems || stems.layers.length === 0) return new Map();
    // The objective that looks at both pictures.
    const run = await runOf({ ...options, objective: 'teacher' }, base);
    const loader = await openLoader(await prepareFit(run, network));
    const lines = stems.layers.map(() => new Lines());
    try {
      for await (const { images, clean, ...batch } of loader.epoch(0)) {
        options.signal?.throwIfAborted();
        const shape: [number, number, number, number] = [batch.batch, batch.height, batch.width, 3];
        tf.tidy(() => {
          const [from, to] = [images, clean!].map((pixels) => stems.run(tf.tensor4d(pixels, shape, 'int32')));
          lines.forEach((line, i) => line.add(from![i]!, to![i]!));
        });
        options.progress?.({
          task: 'first layers',
          done: batch.index + 1,
          total: loader.batchesPerEpoch,
          unit: 'steps',
        });
        await setImmediate();
      }
    } finally {
      await loader.close();
    }
    return new Map(stems.layers.flatMap((stem, i) => alignedTensors(stem, lines[i]!, base.state, network)));
  } finally {
    network.dispose();
  }
}

/** For each channel the line from what a layer puts out of distorted pictures to what it puts out of clean ones. */
class Lines {
  private batches = 0;
  /** Sums over batches of the means of x, y, x^2, and xy. */
  private readonly sums: number[][] = [[], [], [], []];

  /** @param x, y `[places, channels]` */
  add(x: tf.Tensor2D, y: tf.Tensor2D): void {
    this.batches++;
    [x, y, tf.square(x), tf.mul(x, y)].forEach((values, kind) =>
      tf
        .mean(values, 0)
        .dataSync()
        .forEach((mean, channel) => (this.sums[kind]![channel] = (this.sums[kind]![channel] ?? 0) + mean)),
    );
  }

  /** `y = by x + plus`; as it is where x says nothing of y. */
  of(channel: number): { by: number; plus: number } {
    const [x, y, square, product] = this.sums.map((sum) => sum[channel]! / this.batches) as [number, number, number, number]; // prettier-ignore
    const [variance, together] = [square - x * x, product - x * y];
    const by = variance > LEAST * square && together > 0 ? together / variance : 1;
    return { by, plus: y - by * x };
  }
}

function alignedTensors({ scale, shift }: Stem, lines: Lines, state: StateDict, { parameters }: Network) {
  const values = (name: string): Float32Array => state.get(name)!.data;
  const shapeOf = (name: string): number[] => [...parameters.find((one) => one.name === name)!.shape];
  const [scales, shifts] = [values(scale), values(shift)];
  return [
    [scale, { shape: shapeOf(scale), data: scales.map((value, i) => value * lines.of(i).by) }],
    [shift, { shape: shapeOf(shift), data: shifts.map((value, i) => value * lines.of(i).by + lines.of(i).plus) }],
  ] as const;
}
