import type { Collated } from '../arrays.js';
import type { Targets } from '../task.js';

/** In the place of an id where none is known: such an image counts in no loss. */
export const NO_CLASS = -1;

/** A class id per image, as `{ labels }`: int32 `[batch]`. */
export const classIds: Targets<number, 'classification'> = {
  name: 'classification',
  noun: 'images',
  labelFiles: false,
  // A picture stays what it is wherever it is cut.
  place: (id) => id,
  collate: (ids): Collated => ({ labels: { dtype: 'int32', shape: [ids.length], data: Int32Array.from(ids) } }),
  unknown: () => NO_CLASS,
  isTaught: ({ labels }) => labels!.data.some((id) => id !== NO_CLASS),
  ids: (id) => [id],
};
