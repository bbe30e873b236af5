import { fail } from '../common/errors.js';
import type { Dataset } from './dataset.js';

/** Consecutive samples of a split, in the split's own order. */
export interface Slice {
  /** A split's name, or a part of the dataset as `parts.ts` reads it: `all[drive=0006R0]`. */
  split: string;
  /** First sample, from 0. */
  start: number;
  /** The sample after the last one. Default: the split's end. */
  end?: number;
}

/**
 * Reads `train`, `train[0:300]`, `all[drive=0006R0][0:50]`, and, of the split that is meant anyway, `0:300` or `300` (the first 300).
 * Either side of the colon may be left out.
 *
 * @param where the option, for messages
 * @param split the split that is meant where none is named
 * @throws E_USAGE
 */
export function parseSlice(text: string, split: string, where: string): Slice {
  const match =
    /^(?:([^[\]:]*[^[\]:0-9][^[\]:]*(?:\[drive!?=[^[\]]+\])?)(?:\[([0-9]*):([0-9]*)\])?|([0-9]*):([0-9]*)|([0-9]+))$/.exec(
      text,
    );
  const [, name, nameStart, nameEnd, start, end, count] = match ?? [];
  const number = (digits: string | undefined): number | undefined => (digits ? Number(digits) : undefined);
  const slice: Slice = {
    split: name ?? split,
    start: number(nameStart) ?? number(start) ?? 0,
    end: number(nameEnd) ?? number(end) ?? number(count),
  };
  if (match && slice.start < (slice.end ?? Infinity)) return slice;
  return fail('E_USAGE', {
    where,
    expected: `samples such as 0:300, 300 (the first 300), ${split} or ${split}[0:300]`,
    got: `"${text}"`,
  });
}

/** `train[0:300]`, or `train` for all of it. */
export function formatSlice({ split, start, end }: Slice): string {
  return start === 0 && end === undefined ? split : `${split}[${start || ''}:${end ?? ''}]`;
}

/**
 * Ids of a slice's samples; fewer than asked for where the split ends earlier.
 *
 * @throws E_DATA_SPLIT, and E_USAGE where no sample is left
 */
export function sliceIds(dataset: Dataset, slice: Slice, where: string): string[] {
  const all = dataset.samples(slice.split);
  const ids = all.slice(slice.start, slice.end).map(({ id }) => id);
  if (ids.length > 0) return ids;
  return fail('E_USAGE', {
    where,
    expected: `samples of ${slice.split}, which has ${all.length}`,
    got: formatSlice(slice),
  });
}
