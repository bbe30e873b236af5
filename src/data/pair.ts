import { fail } from '../common/errors.js';
import type { LabelMap, Pixels } from '../image/pixels.js';
import type { Dataset, Sample } from './dataset.js';
import { checkSize } from './checks.js';

/** A decoded sample. */
export interface Pair {
  image: Pixels;
  label: LabelMap;
  /** The image before it was distorted, of the same size; absent where the dataset has none. */
  clean?: Pixels;
}

/**
 * Reads a sample's image and labels.
 *
 * @throws E_DATA_SIZE if they do not fit, and what reading either throws
 */
export async function readPair(dataset: Dataset, sample: Sample): Promise<Pair> {
  const [image, labels, clean] = await Promise.all([
    dataset.readImage(sample),
    dataset.unlabelled ? undefined : dataset.readLabel(sample),
    dataset.readClean?.(sample),
  ]);
  const label = labels ?? ignored(image, dataset.ignore);
  checkSize(label, image, sample.label || sample.id, dataset.resized);
  if (clean && (clean.width !== image.width || clean.height !== image.height)) {
    fail('E_DATA_SIZE', {
      where: sample.image || sample.id,
      expected: `an image of ${clean.width}x${clean.height}, as it was before it was distorted`,
      got: `${image.width}x${image.height}`,
      todo: 'Where both are looked at, images that are made smaller have to be enlarged again: --infer-size original.',
    });
  }
  return { image, label, ...(clean && { clean }) };
}

/** Labels of an image of which nothing is known. */
function ignored({ width, height }: Pixels, ignore: number): LabelMap {
  return { data: new Uint8Array(width * height).fill(ignore), width, height };
}

/** A copy in shared memory, which threads hand on without copying again. */
export function sharePair({ image, label, clean }: Pair): Pair {
  return {
    image: { ...image, data: share(image.data) },
    label: { ...label, data: share(label.data) },
    ...(clean && { clean: { ...clean, data: share(clean.data) } }),
  };
}

export function pairBytes({ image, label, clean }: Pair): number {
  return image.data.length + label.data.length + (clean?.data.length ?? 0);
}

function share(data: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(data.length));
  shared.set(data);
  return shared;
}
