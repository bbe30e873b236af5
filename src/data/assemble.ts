import { fail } from '../common/errors.js';
import { Random } from '../common/random.js';
import type { Pixels } from '../image/pixels.js';
import { resizePixels } from '../image/resize.js';
import type { Collated } from '../tasks/arrays.js';
import { cropImage, drawPlacements, type Augmentation } from './augment.js';
import type { Dataset, Sample } from './dataset.js';
import { pairBytes, readPair, sharePair, type Pair } from './pair.js';
import { whereOf } from './where.js';

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

/** Images and targets as the engine takes them; normalization happens in the graph. */
export interface Batch {
  /** Position in the epoch. */
  index: number;
  ids: string[];
  /** `[batch, height, width, 3]`, 0..255. */
  images: Uint8Array;
  /** Of `images`' shape: the same crops of images that were not distorted; absent where the dataset has none. */
  clean?: Uint8Array;
  /** What the dataset's `targets` stack: label maps as `{ labels }`, smaller images' as large as they are. */
  targets: Collated;
  batch: number;
  height: number;
  width: number;
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
 * @throws E_DATA_SIZE if there is no crop and the images, or their targets, differ in size and are not padded, and what reading throws
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
  const placements =
    augment && drawPlacements(pairs.map(({ image }) => image), augment, task.random.map((state) => new Random(state))); // prettier-ignore
  const [height, width] =
    placements?.[0]?.crop ?? (dataset.targets.pads ? largestSize(pairs) : commonSize(samples, pairs));
  const images = new Uint8Array(samples.length * height * width * 3);
  const clean = pairs[0]!.clean && new Uint8Array(images.length);
  const placed = pairs.map(({ image, target, clean: before }, i) => {
    const at = i * height * width * 3;
    const placement = placements?.[i];
    if (augment && placement) {
      cropImage(image, placement, augment, images, at);
      if (before) cropImage(before, placement, augment, clean!, at);
      return dataset.targets.place(target, placement);
    }
    pasteImage(image, width, images, at);
    // A level may have made the image smaller than it was.
    if (before) pasteImage(resizePixels(before, image), width, clean!, at);
    return target;
  });
  const targets = dataset.targets.collate(
    placed,
    samples.map((sample) => whereOf(dataset, sample)),
  );
  const ids = samples.map(({ id }) => id);
  const sizes = { batch: samples.length, height, width };
  return { batch: { index: task.index, ids, images, ...(clean && { clean }), targets, ...sizes }, decoded };
}

/** Bytes that keeping these samples takes. */
export function decodedBytes(decoded: BatchResult['decoded']): number {
  return decoded.reduce((total, [, pair]) => total + pairBytes(pair), 0);
}

/** Writes an image into the left upper corner of a larger one. */
function pasteImage({ data, width, height }: Pixels, wide: number, out: Uint8Array, offset: number): void {
  for (let row = 0; row < height; row++) {
    out.set(data.subarray(row * width * 3, (row + 1) * width * 3), offset + row * wide * 3);
  }
}

/** What holds all images of a batch; right and below of smaller ones is black. */
function largestSize(pairs: Pair[]): [height: number, width: number] {
  return [Math.max(...pairs.map(({ image }) => image.height)), Math.max(...pairs.map(({ image }) => image.width))];
}

function commonSize(samples: Sample[], pairs: Pair[]): [height: number, width: number] {
  const { width, height } = pairs[0]!.image;
  const other = pairs.findIndex(({ image }) => image.width !== width || image.height !== height);
  if (other < 0) return [height, width];
  const { image } = pairs[other]!;
  fail('E_DATA_SIZE', {
    where: samples[other]!.image || samples[other]!.id,
    expected: `${width}x${height}, as the batch's first image`,
    got: `${image.width}x${image.height}`,
    todo: 'Use a batch of 1, or a crop.',
  });
}
