import type { Pixels } from '../image/pixels.js';
import type { Dataset, Sample } from './dataset.js';

/** A decoded sample. */
export interface Pair {
  image: Pixels;
  /** As the dataset's `targets` know it. */
  target: unknown;
}

/**
 * Reads a sample's image and target.
 *
 * @throws E_DATA_SIZE if they do not fit, and what reading either throws
 */
export async function readPair(dataset: Dataset, sample: Sample): Promise<Pair> {
  const [image, target] = await Promise.all([dataset.readImage(sample), dataset.readTarget(sample)]);
  dataset.targets.check?.(target, image, sample.label || sample.id, dataset.resized);
  return { image, target };
}

/** A copy in shared memory, which threads hand on without copying again. */
export function sharePair({ image, target }: Pair): Pair {
  return { image: shareArrays(image), target: shareArrays(target) };
}

/** Bytes of both, as far as they are large. */
export function pairBytes({ image, target }: Pair): number {
  return image.data.length + arraysIn(target).reduce((sum, { length }) => sum + length, 0);
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
