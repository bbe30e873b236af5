import { fail } from '../../common/errors.js';
import type { LabelMap } from '../../image/pixels.js';
import { resizeLabels, type Size } from '../../image/resize.js';
import type { Collated } from '../arrays.js';
import { insideOf, mirrorRows, type Placement } from '../placement.js';
import type { Targets } from '../task.js';
import { checkSize } from './check-size.js';

/** Label maps, as `{ labels }`: int32 `[batch, height, width]`, ids of classes, or `ignore` for pixels that count nowhere. */
export function labelMaps(ignore: number): Targets<LabelMap, 'segmentation'> {
  return {
    name: 'segmentation',
    noun: 'label maps',
    labelFiles: true,
    place: (label, placement) => placeLabel(label, placement, ignore),
    collate,
    unknown: ({ width, height }) => ({ data: new Uint8Array(width * height).fill(ignore), width, height }),
    isTaught: ({ labels }) => labels!.data.some((id) => id !== ignore),
    ids: ({ data }) => data,
    check: checkSize,
  };
}

/** Cuts a placed crop out of a label map, by nearest neighbour; outside is `ignore`. */
export function placeLabel(label: LabelMap, placement: Placement, ignore: number): LabelMap {
  const [height, width] = placement.crop;
  const inside = insideOf(placement);
  const part = resizeLabels(label, placement.scaled, inside);
  const data = new Uint8Array(height * width);
  if (inside.width < width || inside.height < height) data.fill(ignore);
  for (let row = 0; row < inside.height; row++) {
    const to = (inside.y - placement.y + row) * width + inside.x - placement.x;
    data.set(part.data.subarray(row * inside.width, (row + 1) * inside.width), to);
  }
  if (placement.flip) mirrorRows(data, 0, height, width, 1);
  return { data, width, height };
}

function collate(labels: readonly LabelMap[], names: readonly string[]): Collated {
  const { width, height } = labels[0]!;
  const other = labels.findIndex((label) => label.width !== width || label.height !== height);
  if (other >= 0) {
    fail('E_DATA_SIZE', {
      where: names[other]!,
      expected: `${width}x${height}, as the batch's first label`,
      got: `${labels[other]!.width}x${labels[other]!.height}`,
      todo: 'Use a batch of 1, or a crop.',
    });
  }
  const data = new Uint8Array(labels.length * height * width);
  labels.forEach((label, i) => data.set(label.data, i * height * width));
  return { labels: { dtype: 'int32', shape: [labels.length, height, width], data } };
}

/** Height and width of the label maps that a batch was stacked of. */
export function labelSize({ labels }: Collated): Size {
  const [, height, width] = labels!.shape as [number, number, number];
  return { height, width };
}

/** The label maps that a batch was stacked of, in the same memory. */
export function uncollate({ labels }: Collated): LabelMap[] {
  const [images, height, width] = labels!.shape as [number, number, number];
  return Array.from({ length: images }, (_, i) => {
    const data = labels!.data.subarray(i * height * width, (i + 1) * height * width) as Uint8Array;
    return { data, width, height };
  });
}
