import { fail } from '../common/errors.js';
import { Random } from '../common/random.js';
import { cropImage, cropLabel, drawPlacement, type Augmentation } from './augment.js';
import type { Dataset, Sample } from './dataset.js';
import { pairBytes, readPair, sharePair, type Pair } from './pair.js';

/** What a worker is asked for. */
export interface BatchTask {
  index: number;
  samples: Sample[];
  /** The decoded sample where the loader has it still. */
  cached: (Pair | undefined)[];
  /** Send freshly decoded samples back, to be kept. */
  keep: boolean;
  augment?: Augmentation;
  /** State of each sample's own generator. */
  random: number[];
}

/** Images and labels as the engine takes them; normalization happens in the graph. */
export interface Batch {
  /** Position in the epoch. */
  index: number;
  ids: string[];
  /** `[batch, height, width, 3]`, 0..255. */
  images: Uint8Array;
  /** Of `images`' shape: the same crops of images that were not distorted; absent where the dataset has none. */
  clean?: Uint8Array;
  /** `[batch, labelHeight, labelWidth]`, class ids or the dataset's `ignore`. */
  labels: Uint8Array;
  batch: number;
  height: number;
  width: number;
  /** Size of the labels: the images', unless these are whole and smaller than their labels. */
  labelHeight: number;
  labelWidth: number;
}

/** What a worker answers. */
export interface BatchResult {
  batch: Batch;
  /** Newly decoded samples in shared memory, by id; empty unless `keep`. */
  decoded: [id: string, pair: Pair][];
}

/**
 * Decodes, augments and stacks the samples of one batch.
 *
 * @throws E_DATA_SIZE if there is no crop and the images, or the labels, differ in size, and what reading throws
 */
export async function assembleBatch(dataset: Dataset, task: BatchTask): Promise<BatchResult> {
  const { samples, augment } = task;
  const decoded: [string, Pair][] = [];
  const pairs = await Promise.all(
    samples.map(async (sample, i) => {
      const cached = task.cached[i];
      if (cached) return cached;
      const pair = await readPair(dataset, sample);
      if (task.keep) decoded.push([sample.id, sharePair(pair)]);
      return pair;
    }),
  );
  const [height, width] = augment?.crop ?? commonSize(samples, pairs, 'image');
  const [labelHeight, labelWidth] = augment?.crop ?? commonSize(samples, pairs, 'label');
  const images = new Uint8Array(samples.length * height * width * 3);
  const labels = new Uint8Array(samples.length * labelHeight * labelWidth);
  const clean = pairs[0]!.clean && new Uint8Array(images.length);
  pairs.forEach(({ image, label, clean: before }, i) => {
    const at = i * height * width;
    if (augment) {
      const placement = drawPlacement(image, augment, new Random(task.random[i]!));
      cropImage(image, placement, augment, images, at * 3);
      if (before) cropImage(before, placement, augment, clean!, at * 3);
      cropLabel(label, placement, augment, dataset.ignore, labels, at);
    } else {
      images.set(image.data, at * 3);
      if (before) clean!.set(before.data, at * 3);
      labels.set(label.data, i * labelHeight * labelWidth);
    }
  });
  const ids = samples.map(({ id }) => id);
  const sizes = { batch: samples.length, height, width, labelHeight, labelWidth };
  return { batch: { index: task.index, ids, images, ...(clean && { clean }), labels, ...sizes }, decoded };
}

/** Bytes that keeping these samples takes. */
export function decodedBytes(decoded: BatchResult['decoded']): number {
  return decoded.reduce((total, [, pair]) => total + pairBytes(pair), 0);
}

function commonSize(samples: Sample[], pairs: Pair[], part: 'image' | 'label'): [height: number, width: number] {
  const { width, height } = pairs[0]![part];
  const other = pairs.findIndex(({ [part]: plane }) => plane.width !== width || plane.height !== height);
  if (other < 0) return [height, width];
  const plane = pairs[other]![part];
  fail('E_DATA_SIZE', {
    where: samples[other]![part] || samples[other]!.id,
    expected: `${width}x${height}, as the batch's first ${part}`,
    got: `${plane.width}x${plane.height}`,
    todo: 'Use a batch of 1, or a crop.',
  });
}
