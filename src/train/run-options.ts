import { fail } from '../common/errors.js';
import type { InferSize } from '../data/enlarged-source.js';
import { sliceIds, type Slice } from '../data/slice.js';
import type { Dataset } from '../data/dataset.js';
import type { Fit } from '../image/fit.js';
import type { Storage } from '../models/checkpoint-config.js';
import type { RunFolderOptions } from './run-folder.js';
import type { OptimizerName } from './optimizers.js';
import type { Schedule } from './schedule.js';
import type { RunMeans } from './run-means.js';

/** How weights are trained, in both `trainBase` and `finetune`. */
export interface TrainingSettings {
  epochs: number;
  /** Optimizer steps of the whole run, in place of `epochs`: the last epoch may end early. */
  steps?: number;
  /** Samples per optimizer step. */
  batch: number;
  /** Height and width that training images are cut to; multiples of the network's stride. Default: whole images; of a network that finds things, as it sees them. */
  size?: [height: number, width: number];
  /** Range of a random factor on the images' size before they are cut. Default: none. */
  scale?: [min: number, max: number];
  /** Mirror every second image. */
  flip: boolean;
  learningRate: number;
  /** How weights follow their gradients. Default: `sgd`. */
  optimizer?: OptimizerName;
  schedule: Schedule;
  /** Steps in which the rate rises from next to nothing to what the schedule says. Default: none. */
  warmup?: number;
  /** Norm that the gradients, taken together, are brought to where they are above it. Default: they stay. */
  clip?: number;
  /** Share of the steps, at the end, over which what is trained is averaged: over 0, up to 1. Default: it ends as the last step left it. */
  average?: number;
  momentum: number;
  weightDecay: number;
  /** What running statistics end as: `precise`, means over one more epoch. Default: an average that favours the last batches. */
  statistics?: 'precise';
  /** Of the first weights, the order of samples and their augmentation. */
  seed: number;
}

/** What both kinds of runs take beside what they train. */
export interface RunOptions extends Partial<TrainingSettings>, RunFolderOptions, RunMeans {
  /** The dataset: `camvid:DIR`. */
  data: string;
  /** What to train on. Default: all of `train`. */
  samples?: Slice;
  /** What to measure mean IoU on after every epoch. Default: nothing. */
  validate?: Slice;
  /** Folder for the results. */
  out: string;
  /** How weights are stored. Default: fp32. */
  storage?: Storage;
  /** Whether images that are smaller than their labels are enlarged to their size first. Default: `received`, as they are. */
  inferSize?: InferSize;
}

/** What both kinds of runs start from where nothing is said, after fyu/drn; a base trains without scaling. */
export const DEFAULTS: TrainingSettings = {
  epochs: 40,
  batch: 4,
  flip: true,
  learningRate: 0.01,
  schedule: { kind: 'poly', power: 0.9 },
  momentum: 0.9,
  weightDecay: 1e-4,
  seed: 0,
};

/**
 * The options' settings; what they leave open is taken from `defaults`.
 *
 * @param fewest steps: 0 where what training starts from is worth keeping as it is
 * @throws E_USAGE for a number out of its range
 */
export function settingsOf(
  options: Partial<TrainingSettings>,
  defaults: TrainingSettings,
  fewest: 0 | 1 = 1,
): TrainingSettings {
  const settings: TrainingSettings = { ...defaults };
  for (const name of Object.keys({
    ...DEFAULTS,
    steps: 0,
    size: 0,
    optimizer: 0,
    warmup: 0,
    clip: 0,
    scale: 0,
    average: 0,
    statistics: 0,
  }) as (keyof TrainingSettings)[]) {
    if (options[name] !== undefined) Object.assign(settings, { [name]: options[name] });
  }
  const { epochs, steps, learningRate, warmup = 0, clip = 1, average = 1, momentum, weightDecay } = settings;
  check('epochs', epochs, Number.isInteger(epochs) && epochs >= 1, 'a whole number from 1 on');
  check(
    'steps',
    steps ?? 1,
    steps === undefined || (Number.isInteger(steps) && steps >= fewest),
    `a whole number from ${fewest} on`,
  );
  check('learning rate', learningRate, learningRate > 0 && Number.isFinite(learningRate), 'a number over 0');
  check('warmup', warmup, Number.isInteger(warmup) && warmup >= 0, 'a whole number of steps');
  check('clip', clip, clip > 0 && Number.isFinite(clip), 'a number over 0');
  check('average', average, average > 0 && average <= 1, 'a share of the steps over 0, up to 1');
  check('momentum', momentum, momentum >= 0 && momentum < 1, 'a number from 0 to below 1');
  check('weight decay', weightDecay, weightDecay >= 0 && Number.isFinite(weightDecay), 'a number from 0 on');
  return settings;
}

/**
 * What training images are cut to, of networks that do not bring them to sides of their own: the size that is given, else that of the network's `fit`, else the first image's, cut to multiples of
 * `stride`.
 *
 * Of a dataset whose images are smaller than their labels it is no larger than the first image, made up to a multiple of `stride`: a
 * size meant for clean images would lie outside these for the most part. Where several samples stand for one, as in a mixture of
 * levels, the largest of them counts.
 */
export async function sizeOf(
  { size }: Pick<TrainingSettings, 'size'>,
  dataset: Dataset,
  split: string,
  { stride, variants = 1, fit }: { stride: number; variants?: number; fit?: Fit },
): Promise<[height: number, width: number]> {
  if (fit) return size ?? [fit.crop, fit.crop];
  if (size && !dataset.resized) return size;
  const images = await Promise.all(
    dataset
      .samples(split)
      .slice(0, dataset.resized ? variants : 1)
      .map((sample) => dataset.readImage(sample)),
  );
  const [height, width] = [largest(images.map((image) => image.height)), largest(images.map((image) => image.width))];
  if (!dataset.resized) {
    if (height < stride || width < stride) {
      fail('E_DATA_SIZE', {
        where: `${dataset.spec} ${split}`,
        expected: `images of ${stride}x${stride} or more, or a --size`,
        got: `${height}x${width}, of which whole crops would be empty`,
        todo: `Use --size ${Math.ceil(height / stride) * stride}x${Math.ceil(width / stride) * stride}: what lies outside an image is ignored.`,
      });
    }
    return [height - (height % stride), width - (width % stride)];
  }
  const whole = (side: number): number => Math.ceil(side / stride) * stride;
  return [Math.min(size?.[0] ?? Infinity, whole(height)), Math.min(size?.[1] ?? Infinity, whole(width))];
}

/**
 * The split to train on, and the ids of the samples out of it.
 *
 * @param variants how many samples of the dataset stand for each that `training` counts
 */
export function trainingSamples(dataset: Dataset, training: Slice, variants = 1): { split: string; ids: string[] } {
  return { split: training.split, ids: sliceIds(dataset, inVariants(training, variants), '--samples') };
}

/** Samples of a dataset by their positions in one that holds so many variants of each, one after the other. */
export function inVariants({ split, start, end }: Slice, variants = 1): Slice {
  return { split, start: start * variants, end: end === undefined ? undefined : end * variants };
}

/** What is trained on where nothing is said. */
export const ALL_OF_TRAIN: Slice = { split: 'train', start: 0 };

/** How the options say that a run is carried out. */
export function meansOf({ engine, workers, progress, log, signal, warn }: RunMeans): RunMeans {
  return { engine, workers, progress, log, signal, warn };
}

const largest = (numbers: readonly number[]): number => Math.max(...numbers);

function check(name: string, value: number, right: boolean, expected: string): void {
  if (!right) fail('E_USAGE', { where: `train.${name}`, expected, got: String(value) });
}
