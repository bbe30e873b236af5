import { fail } from '../common/errors.js';

/**
 * @param resized the image may be smaller than its label map
 * @throws E_DATA_SIZE if a label map does not fit its image
 */
export function checkSize(
  label: { width: number; height: number },
  image: { width: number; height: number },
  where: string,
  resized = false,
): void {
  if (resized && label.width >= image.width && label.height >= image.height) return;
  if (label.width === image.width && label.height === image.height) return;
  fail('E_DATA_SIZE', {
    where,
    expected: `a label map of its image's size, ${image.width}x${image.height}${resized ? ', or larger' : ''}`,
    got: `${label.width}x${label.height}`,
    todo: 'Resize one of the two (labels by nearest neighbour), or remove the sample.',
  });
}

/** @throws E_DATA_SPLIT always */
export function failSplit(spec: string, split: string, splits: string[]): never {
  fail('E_DATA_SPLIT', {
    where: spec,
    expected: `one of its splits (${splits.join(', ')})`,
    got: `"${split}"`,
  });
}
