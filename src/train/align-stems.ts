import tf from '../common/tf.cjs';
import { setImmediate } from 'node:timers/promises';
import type { Stem } from '../models/network.js';
import { stateDict, type StateDict, type StateValues } from '../models/state-dict.js';
import type { FitOptions } from './fit-options.js';
import { openLoader } from './loader.js';
import { loadSource } from '../data/source.js';
import { parseObjective } from './objectives/registry.js';
import { sizeOf } from './run-options.js';

/** Variance, relative to the mean square, from which on a channel says something. */
const LEAST = 1e-6;

/**
 * Scales and shifts of the layers that read the picture, so that each of their channels has the mean and the standard deviation over distorted pictures
 * that it has over clean ones, those of one epoch of training batches. What a distortion does to every pixel alike, as dimming does, is
 * taken back at once; nothing is trained.
 *
 * @param options of a run whose network holds the values that are to be aligned; it stays as it is
 * @returns the tensors that change, in the checkpoint's layout; none where the network has no such layers
 * @throws what reading the samples throws, and the signal's reason
 * @source Li et al., Revisiting Batch Normalization For Practical Domain Adaptation (2016): there as running statistics of every normalization
 */
export async function alignedStems(options: FitOptions): Promise<StateDict> {
  const { network, signal, progress } = options;
  const { stems } = network;
  if (stems.layers.length === 0) return new Map();
  const loader = await openLoader(await inPlainView(options));
  const moments = stems.layers.map(() => new Moments());
  try {
    for await (const { images, clean, ...batch } of loader.epoch(0)) {
      signal?.throwIfAborted();
      const shape: [number, number, number, number] = [batch.batch, batch.height, batch.width, 3];
      tf.tidy(() => {
        const [from, to] = [images, clean!].map((pixels) => stems.run(tf.tensor4d(pixels, shape, 'int32')));
        moments.forEach((one, i) => one.add(from![i]!, to![i]!));
      });
      progress?.({ task: 'first layers', done: batch.index + 1, total: loader.batchesPerEpoch, unit: 'steps' });
      await setImmediate();
    }
  } finally {
    await loader.close();
  }
  const state = stateDict(network);
  return new Map(stems.layers.flatMap((stem, i) => alignedTensors(stem, moments[i]!, state)));
}

/**
 * Options of a loader for both pictures, distorted and clean, at their own scale, and no larger than the first of them: what is shrunk, or smaller than a crop,
 * lies in a frame that is not distorted.
 */
async function inPlainView(options: FitOptions): Promise<FitOptions> {
  const { settings, network } = options;
  const { split, augment, source } = settings;
  const { crop } = augment;
  const { stride } = network.input;
  const isCut = Array.isArray(crop) && augment.resize === undefined;
  const whole = isCut && (await sizeOf({}, await loadSource(source), split, { stride }));
  return {
    ...options,
    objective: parseObjective('teacher'),
    settings: {
      ...settings,
      augment: {
        ...augment,
        scale: undefined,
        ...(whole && { crop: [Math.min(crop[0], whole[0]), Math.min(crop[1], whole[1])] }),
      },
    },
  };
}

/** For each channel what a layer puts out of distorted pictures, and of clean ones. */
class Moments {
  private batches = 0;
  /** Sums over batches of the means of x, y, x^2 and y^2. */
  private readonly sums: number[][] = [[], [], [], []];

  /** @param x, y of distorted and of clean pictures, `[places, channels]` */
  add(x: tf.Tensor2D, y: tf.Tensor2D): void {
    this.batches++;
    [x, y, tf.square(x), tf.square(y)].forEach((values, kind) =>
      tf
        .mean(values, 0)
        .dataSync()
        .forEach((mean, channel) => (this.sums[kind]![channel] = (this.sums[kind]![channel] ?? 0) + mean)),
    );
  }

  /** `by x + plus` has y's mean and standard deviation; by 1 where x or y is always the same. */
  of(channel: number): { by: number; plus: number } {
    const [x, y, xx, yy] = this.sums.map((sum) => sum[channel]! / this.batches) as [number, number, number, number];
    const [own, wanted] = [xx - x * x, yy - y * y];
    const by = own > LEAST * xx && wanted > LEAST * yy ? Math.sqrt(wanted / own) : 1;
    return { by, plus: y - by * x };
  }
}

function alignedTensors({ scale, shift }: Stem, moments: Moments, state: StateDict): [string, StateValues][] {
  const [scales, shifts] = [state.get(scale)!, state.get(shift)!];
  const lines = Array.from(scales.data, (_, channel) => moments.of(channel));
  return [
    [scale, { ...scales, data: scales.data.map((value, i) => value * lines[i]!.by) }],
    [shift, { ...shifts, data: shifts.data.map((value, i) => value * lines[i]!.by + lines[i]!.plus) }],
  ];
}
