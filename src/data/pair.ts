import type { LabelMap, Pixels } from '../image/pixels.js';
import type { Dataset, Sample } from './dataset.js';
import { checkSize } from './checks.js';

/** A decoded sample. */
export interface Pair {
  image: Pixels;
  label: LabelMap;
}

/**
 * Reads a sample's image and labels.
 *
 * @throws E_DATA_SIZE if they do not fit, and what reading either throws
 */
export async function readPair(dataset: Dataset, sample: Sample): Promise<Pair> {
  const [image, label] = await Promise.all([dataset.readImage(sample), dataset.readLabel(sample)]);
  checkSize(label, image, sample.label || sample.id, dataset.resized);
  return { image, label };
}

/** A copy in shared memory, which threads hand on without copying again. */
export function sharePair({ image, label }: Pair): Pair {
  return { image: { ...image, data: share(image.data) }, label: { ...label, data: share(label.data) } };
}

export function pairBytes({ image, label }: Pair): number {
  return image.data.length + label.data.length;
}

function share(data: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(data.length));
  shared.set(data);
  return shared;
}
