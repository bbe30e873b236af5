import { fail } from '../../common/errors.js';
import { packNumbers, unpackNumbers } from '../numbers-text.js';
import type { PackedCounts } from '../task.js';

/** What IoU is made of: pixels per class, `[classes]` each. */
export interface ClassCounts {
  /** Right ones. */
  both: Float64Array;
  /** Those of the class. */
  truth: Float64Array;
  /** Those that were taken for the class and count. */
  predicted: Float64Array;
}

export function noCounts(classes: number): ClassCounts {
  const zeros = (): Float64Array => new Float64Array(classes);
  return { both: zeros(), truth: zeros(), predicted: zeros() };
}

/** Adds counts of as many classes to the first ones. @throws E_SHAPE */
export function addCounts(sum: ClassCounts, { both, truth, predicted }: ClassCounts): void {
  const classes = sum.both.length;
  if (both.length !== classes) {
    fail('E_SHAPE', { where: 'counts', expected: `${classes} classes`, got: String(both.length) });
  }
  for (let c = 0; c < classes; c++) {
    sum.both[c]! += both[c]!;
    sum.truth[c]! += truth[c]!;
    sum.predicted[c]! += predicted[c]!;
  }
}

/** Missed and wrongly taken pixels are small numbers, so they are what is written: a few bytes per image and class. */
export function packCounts(images: readonly ClassCounts[]): PackedCounts {
  const numbers = (of: (counts: ClassCounts, c: number) => number): number[] =>
    images.flatMap((counts) => Array.from(counts.both, (_, c) => of(counts, c)));
  const missed = numbers(({ truth, both }, c) => truth[c]! - both[c]!);
  const wrong = numbers(({ predicted, both }, c) => predicted[c]! - both[c]!);
  return { truth: packNumbers(numbers(({ truth }, c) => truth[c]!)), answers: packNumbers([...missed, ...wrong]) };
}

/** @throws E_EVAL_COUNTS for text that does not hold so many numbers */
export function unpackCounts(packed: PackedCounts, images: number, classes: number): ClassCounts[] {
  const size = images * classes;
  const truths = unpackNumbers(packed.truth, size);
  const answers = unpackNumbers(packed.answers, 2 * size);
  return Array.from({ length: images }, (_, image) => {
    const of = (numbers: Float64Array, from = 0): Float64Array =>
      numbers.slice(from + image * classes, from + (image + 1) * classes);
    const [truth, missed, wrong] = [of(truths), of(answers), of(answers, size)];
    const both = truth.map((count, c) => count - missed[c]!);
    return { both, truth, predicted: both.map((count, c) => count + wrong[c]!) };
  });
}
