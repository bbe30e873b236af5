import { Random } from '../common/random.js';
import { fail } from '../common/errors.js';
import type { ImageCounts } from '../tasks/segmentation/image-counts.js';

export interface BootstrapOptions {
  /** Neighbouring images that are drawn together, as frames of one drive are alike; the last block may be shorter. */
  block: number;
  /** How often images are drawn anew. */
  resamples: number;
  seed: number;
}

/** A difference of mean mIoU, as a share, and its 95% interval. */
export interface Interval {
  difference: number;
  low: number;
  high: number;
}

/**
 * How sure it is that one method is better than another on images such as these: draws blocks of images with replacement, the same ones for
 * both methods and all levels, and takes the difference of the mean mIoU over levels for each draw.
 *
 * @param pairs per level the counts of both methods, of the same images
 * @returns the second method's mean mIoU over the first's, and the 2.5th and 97.5th percentile over draws
 * @throws E_SHAPE where counts are not of the same images and classes
 * @source Efron and Tibshirani, An Introduction to the Bootstrap (1993), percentile interval; blocks after Carlstein (1986)
 */
export function pairedInterval(
  pairs: readonly (readonly [ImageCounts, ImageCounts])[],
  { block, resamples, seed }: BootstrapOptions,
): Interval {
  const { images, classes } = pairs[0]![0];
  for (const counts of pairs.flat()) {
    if (counts.images === images && counts.classes === classes) continue;
    fail('E_SHAPE', {
      where: 'bootstrap',
      expected: `${images} images of ${classes} classes in every evaluation`,
      got: `${counts.images} of ${counts.classes}`,
    });
  }
  const blocks = Math.ceil(images / block);
  const summed = pairs.map((pair) => pair.map((counts) => blockSums(counts, block, blocks)));
  const differenceOf = (drawn: readonly number[]): number =>
    summed.reduce((sum, [first, second]) => sum + meanIouOf(second!, drawn) - meanIouOf(first!, drawn), 0) /
    pairs.length;
  const random = Random.of(seed, 'bootstrap');
  const draws = Float64Array.from({ length: resamples }, () =>
    differenceOf(Array.from({ length: blocks }, () => random.integer(blocks))),
  ).sort();
  const all = Array.from({ length: blocks }, (_, i) => i);
  return { difference: differenceOf(all), low: percentile(draws, 0.025), high: percentile(draws, 0.975) };
}

/** Of each block the right pixels and the union of truth and prediction per class: `[blocks, classes, 2]`. */
function blockSums(
  { images, classes, both, truth, predicted }: ImageCounts,
  block: number,
  blocks: number,
): Float64Array[] {
  const sums = Array.from({ length: blocks }, () => new Float64Array(2 * classes));
  for (let image = 0; image < images; image++) {
    const sum = sums[Math.floor(image / block)]!;
    for (let c = 0; c < classes; c++) {
      const at = image * classes + c;
      sum[2 * c]! += both[at]!;
      sum[2 * c + 1]! += truth[at]! + predicted[at]! - both[at]!;
    }
  }
  return sums;
}

/** Mean IoU over the classes that occur in the drawn blocks. */
function meanIouOf(blocks: readonly Float64Array[], drawn: readonly number[]): number {
  const total = new Float64Array(blocks[0]!.length);
  for (const index of drawn) blocks[index]!.forEach((value, i) => (total[i]! += value));
  let [sum, count] = [0, 0];
  for (let i = 0; i < total.length; i += 2) {
    if (total[i + 1] === 0) continue;
    sum += total[i]! / total[i + 1]!;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

/** Linear between the two nearest of ascending values, as NumPy's default. */
function percentile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
