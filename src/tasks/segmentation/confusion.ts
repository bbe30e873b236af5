import { fail } from '../../common/errors.js';
import type { ClassCounts } from './class-counts.js';

/** What the two maps of {@link ConfusionMatrix.add} are called in its errors: file names, or sample ids. */
export interface MapNames {
  labels: string;
  predictions: string;
}

/** How often each class was taken for each, over any number of label maps. */
export class ConfusionMatrix implements ClassCounts {
  /** Pixels, `[classes, classes]`: row = truth, column = prediction. */
  readonly counts: Float64Array;

  /** @param classes ids are 0..classes-1 */
  constructor(readonly classes: number) {
    this.counts = new Float64Array(classes * classes);
  }

  /** Right pixels per class, `[classes]`. */
  get both(): Float64Array {
    const { classes, counts } = this;
    return Float64Array.from({ length: classes }, (_, c) => counts[c * classes + c]!);
  }

  /** Pixels of each class, `[classes]`. */
  get truth(): Float64Array {
    return this.sums((c, other) => c * this.classes + other);
  }

  /** Pixels that were taken for each class, `[classes]`. */
  get predicted(): Float64Array {
    return this.sums((c, other) => other * this.classes + c);
  }

  private sums(at: (c: number, other: number) => number): Float64Array {
    const { classes, counts } = this;
    const sums = new Float64Array(classes);
    for (let c = 0; c < classes; c++) for (let other = 0; other < classes; other++) sums[c]! += counts[at(c, other)]!;
    return sums;
  }

  /**
   * Counts the pixels of one label map; those whose truth is `ignore` count nowhere, whatever was predicted there.
   *
   * @param labels true class id per pixel
   * @param predictions predicted class id per pixel, as many
   * @throws E_SHAPE if the two differ in length, E_EVAL_ID for an id that is neither a class nor, in `labels`, `ignore`
   */
  add(
    labels: ArrayLike<number>,
    predictions: ArrayLike<number>,
    ignore: number,
    names: MapNames = { labels: 'labels', predictions: 'predictions' },
  ): void {
    const { classes, counts } = this;
    if (labels.length !== predictions.length) {
      fail('E_SHAPE', {
        where: names.predictions,
        expected: `${labels.length} pixels as in ${names.labels}`,
        got: String(predictions.length),
      });
    }
    for (let i = 0; i < labels.length; i++) {
      const truth = labels[i]!;
      if (truth === ignore) continue;
      const prediction = predictions[i]!;
      if (!(truth < classes)) failId(names.labels, truth, classes, `, or ${ignore} for pixels to leave out`);
      if (!(prediction < classes)) failId(names.predictions, prediction, classes, '');
      counts[truth * classes + prediction]!++;
    }
  }

  /** Adds the counts of another matrix of as many classes. */
  merge(other: ConfusionMatrix): void {
    if (other.classes !== this.classes) {
      fail('E_SHAPE', { where: 'confusion', expected: `${this.classes} classes`, got: String(other.classes) });
    }
    for (let i = 0; i < this.counts.length; i++) this.counts[i]! += other.counts[i]!;
  }
}

function failId(where: string, id: number, classes: number, also: string): never {
  fail('E_EVAL_ID', {
    where,
    expected: `class ids from 0 to ${classes - 1}${also}`,
    got: String(id),
    todo: 'Give the right number of classes and the id to ignore, or map the ids first.',
  });
}
