import { setImmediate } from 'node:timers/promises';
import { fail } from '../common/errors.js';
import type { Progress } from '../common/progress.js';
import { BatchLoader, type Batch } from '../data/batches.js';
import type { SampleSource } from '../data/source.js';
import type { Network } from '../models/network.js';
import { viewsSource } from '../data/views-source.js';
import { requireTask } from '../eval/require-task.js';
import { labels } from '../train/objectives/labels.js';
import { gradientMeter, type GradientMeter, measuredBy, type MeterSetting } from './gradients.js';

/** A value per DCT coefficient: row `v` and column `u` are `v / 2` periods over the height and `u / 2` over the width. */
export interface CoefficientMap {
  /** `[height, width]`, row-major; that of the image's mean first. */
  data: Float32Array;
  width: number;
  height: number;
}

/** How strongly a network's loss follows each spatial frequency of its input. */
export interface FrequencyResponse {
  /** Mean over images and the three channels of the absolute gradient: loss per gray level (0..255) of a coefficient. */
  together: CoefficientMap;
  /** Mean over images, of each channel. */
  red: CoefficientMap;
  green: CoefficientMap;
  blue: CoefficientMap;
  /** Mean over images. */
  loss: number;
  /** Ids of the samples. */
  images: string[];
}

export interface FrameSize {
  width: number;
  height: number;
}

export interface FrequencyResponseOptions extends MeterSetting {
  network: Network;
  /** The images, distorted already or as they are read: `distortedSource(spec, level)`. */
  source: SampleSource;
  /** The same samples before they were distorted, for an objective that looks at them. */
  clean?: SampleSource;
  split: string;
  /** Ids of the samples. Default: all of the split. */
  samples?: string[];
  /** What all images must be. Default: as the first one. */
  size?: FrameSize;
  /** Threads that decode. Default: 1. */
  workers?: number;
  /** Names the run in progress reports. */
  name?: string;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Measures a network's frequency response on whole images of one size: the mean absolute gradient of each image's loss with regard to
 * the whole-frame orthonormal DCT-II coefficients of its channels. Always in fp32, each image by itself; labels of smaller pictures
 * are brought to the picture's size, as in training. Where the network has a size of its own, images are what it sees.
 *
 * @throws E_DATA_SIZE where images differ in size or are not of the size asked for, E_DATA_TASK where the data are labelled for another task, E_EVAL_CLASSES where network and dataset differ in their number of classes,
 *   E_TRAIN_LOSS where a loss is not finite, and what reading the samples throws
 * @source Xie and Kim 2020, section 3.1.2
 */
export async function frequencyResponse(options: FrequencyResponseOptions): Promise<FrequencyResponse> {
  const { network, objective = labels, split, samples, workers = 1, name = 'frequency response' } = options;
  const { progress, signal } = options;
  const { views, needsTarget } = objective;
  const clean = views.includes('clean') ? options.clean : undefined;
  const source = viewsSource(options.source, { clean, split, labels: needsTarget });
  const order = { shuffle: false, seed: 0, cacheBytes: 0 };
  const loader = await BatchLoader.open({ source, split, samples, batch: 1, workers, ...order });
  let meter: GradientMeter | undefined;
  let sums: Sums | undefined;
  try {
    const { classes, spec } = loader.dataset;
    if (needsTarget) requireTask(loader.dataset, network);
    if (needsTarget && classes.length !== network.spec.classes) {
      fail('E_EVAL_CLASSES', {
        where: spec,
        expected: `${network.spec.classes} classes, as the network has`,
        got: String(classes.length),
        todo: 'Measure on data with the classes that the network was trained on.',
      });
    }
    for await (const stored of loader.epoch(0)) {
      const image = measuredBy(network, stored);
      signal?.throwIfAborted();
      checkSize(image, options.size ?? sums ?? image);
      sums ??= new Sums(image);
      meter ??= gradientMeter(network, options, [image.height, image.width]);
      const { loss, gradient } = meter.measure(image);
      if (!Number.isFinite(loss)) {
        fail('E_TRAIN_LOSS', { where: image.ids[0]!, expected: 'a finite loss', got: String(loss) });
      }
      sums.add(image.ids[0]!, loss, gradient);
      progress?.({ task: name, done: sums.images.length, total: loader.sampleCount, unit: 'images' });
      await setImmediate();
    }
    return sums!.means();
  } finally {
    meter?.dispose();
    await loader.close();
  }
}

/** @throws E_DATA_SIZE */
function checkSize({ ids, ...found }: Batch, wanted: FrameSize): void {
  if (found.width === wanted.width && found.height === wanted.height) return;
  fail('E_DATA_SIZE', {
    where: ids[0]!,
    expected: `images of one size, ${wanted.width}x${wanted.height}`,
    got: `${found.width}x${found.height}`,
    todo: 'Measure images of each size by themselves, as their coefficients stand for other frequencies.',
  });
}

/** Sums over images, in double precision. */
class Sums {
  readonly images: string[] = [];
  private readonly channels: Float64Array[];
  readonly width: number;
  readonly height: number;
  private loss = 0;

  constructor({ width, height }: FrameSize) {
    [this.width, this.height] = [width, height];
    this.channels = [0, 1, 2].map(() => new Float64Array(width * height));
  }

  /** @param gradient `[height, 3, width]` */
  add(id: string, loss: number, gradient: Float32Array): void {
    this.images.push(id);
    this.loss += loss;
    this.channels.forEach((channel, c) => {
      for (let y = 0; y < this.height; y++) {
        const from = (y * 3 + c) * this.width;
        for (let x = 0; x < this.width; x++) channel[y * this.width + x]! += Math.abs(gradient[from + x]!);
      }
    });
  }

  means(): FrequencyResponse {
    const { images, width, height, channels } = this;
    const map = (sum: (i: number) => number, count: number): CoefficientMap => ({
      data: Float32Array.from({ length: width * height }, (_, i) => sum(i) / count),
      width,
      height,
    });
    const [red, green, blue] = channels.map((channel) => map((i) => channel[i]!, images.length));
    const together = map((i) => channels.reduce((sum, channel) => sum + channel[i]!, 0), 3 * images.length);
    return { together, red: red!, green: green!, blue: blue!, loss: this.loss / images.length, images };
  }
}
