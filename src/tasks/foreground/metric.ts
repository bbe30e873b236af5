import { fail } from '../../common/errors.js';
import { packNumbers, unpackNumbers } from '../numbers-text.js';
import type { Metric } from '../task.js';

/** How sure a network is of every pixel that it is foreground, row by row. */
export interface Foreground {
  /** 0..1 each, `[height * width]` */
  probabilities: Float32Array;
  width: number;
  height: number;
}

/** From this probability on a pixel is foreground. */
export const THRESHOLD = 0.5;

/** Pixels of images: foreground in truth and answer, in either of them, right ones, and all that count. */
export interface Overlap {
  both: number;
  either: number;
  right: number;
  pixels: number;
}

/**
 * IoU of the foreground over all pixels of all images, NaN where there is none and none was found, and the share of right pixels; those of
 * `ignore` count nowhere.
 */
export function foregroundMetric(ignore: number): Metric<Foreground, Overlap> {
  return {
    primary: 'iou',
    headings: { iou: 'IoU', pixelAccuracy: 'accuracy' },
    none: () => ({ both: 0, either: 0, right: 0, pixels: 0 }),
    count({ labels }, { probabilities, width, height }, where) {
      const truth = labels!.data;
      if (truth.length !== probabilities.length) {
        const [, tall, wide] = labels!.shape;
        fail('E_EVAL_SIZE', { where, expected: `an answer of ${wide}x${tall} pixels`, got: `${width}x${height}` });
      }
      const counts = { both: 0, either: 0, right: 0, pixels: 0 };
      for (let i = 0; i < truth.length; i++) {
        if (truth[i] === ignore) continue;
        const [own, other] = [truth[i]! > 0, probabilities[i]! >= THRESHOLD];
        counts.pixels++;
        if (own && other) counts.both++;
        if (own || other) counts.either++;
        if (own === other) counts.right++;
      }
      return counts;
    },
    merge(sum, counts) {
      for (const name of Object.keys(sum) as (keyof Overlap)[]) sum[name] += counts[name];
    },
    scores: ({ both, either, right, pixels }) => ({ iou: both / either, pixelAccuracy: right / pixels }),
    classScores: () => ({}),
    pack: (images) => ({
      truth: packNumbers(images.map(({ pixels }) => pixels)),
      answers: packNumbers(images.flatMap(({ both, either, right }) => [both, either, right])),
    }),
    unpack(packed, images) {
      const [pixels, answers] = [unpackNumbers(packed.truth, images), unpackNumbers(packed.answers, 3 * images)];
      return Array.from(pixels, (all, i) => {
        const [both, either, right] = answers.subarray(3 * i) as unknown as [number, number, number];
        return { both, either, right, pixels: all };
      });
    },
  };
}
