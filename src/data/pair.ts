import { fail } from '../common/errors.js';
import type { Pixels } from '../image/pixels.js';
import type { Dataset, Sample } from './dataset.js';
import { whereOf } from './where.js';

/** A decoded sample. */
export interface Pair {
  image: Pixels;
  /** As the dataset's `targets` know it. */
  target: unknown;
  /** The image before it was distorted, of the same size; absent where the dataset has none. */
  clean?: Pixels;
}

/**
 * Reads a sample's image and what it is labelled with.
 *
 * @throws E_DATA_SIZE if they do not fit, and what reading either throws
 */
export async function readPair(dataset: Dataset, sample: Sample): Promise<Pair> {
  const { targets } = dataset;
  const [image, read, clean] = await Promise.all([
    dataset.readImage(sample),
    dataset.unlabelled ? undefined : dataset.readTarget(sample),
    dataset.readClean?.(sample),
  ]);
  const target = dataset.unlabelled ? targets.unknown(image) : read;
  targets.check?.(target, image, whereOf(dataset, sample), dataset.resized);
  if (clean && (clean.width !== image.width || clean.height !== image.height)) {
    fail('E_DATA_SIZE', {
      where: sample.image || sample.id,
      expected: `an image of ${clean.width}x${clean.height}, as it was before it was distorted`,
      got: `${image.width}x${image.height}`,
      todo: 'Where both are looked at, images that are made smaller have to be enlarged again: --infer-size original.',
    });
  }
  return { image, target, ...(clean && { clean }) };
}

/** A copy in shared memory, which threads hand on without copying again. */
export function sharePair({ image, target, clean }: Pair): Pair {
  return { image: shareArrays(image), target: shareArrays(target), ...(clean && { clean: shareArrays(clean) }) };
}

/** Bytes of all parts, as far as they are large. */
export function pairBytes({ image, target, clean }: Pair): number {
  const own = arraysIn(target).reduce((sum, { length }) => sum + length, 0);
  return image.data.length + own + (clean?.data.length ?? 0);
}

function arraysIn(value: unknown): Uint8Array[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).filter((part) => part instanceof Uint8Array);
}

/** The same object with its bytes in shared memory. */
function shareArrays<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value).map(([name, part]: [string, unknown]) => [
    name,
    part instanceof Uint8Array ? share(part) : part,
  ]);
  return Object.fromEntries(parts) as T;
}

function share(data: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(data.length));
  shared.set(data);
  return shared;
}
