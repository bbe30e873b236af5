import { fail } from '../../common/errors.js';
import { packNumbers, unpackNumbers } from '../numbers-text.js';
import type { Metric } from '../task.js';
import { NO_CLASS } from './targets.js';

/** Of images one after the other: what they show, and which place that class has among the answer's classes, from 0. Of one without a class nothing. */
export interface Ranks {
  truths: number[];
  ranks: number[];
}

/** Places that count as right in the second score. */
const TOP = 5;

/**
 * Share of images whose class is the likeliest one (top-1), or among the five likeliest (top-5; left out where there are no more classes
 * than that). Of classes that are equally likely, the one with the lowest id comes first.
 *
 * @source ILSVRC: Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015, section 4
 */
export function accuracyMetric(classes: number): Metric<Float32Array, Ranks> {
  const hasTop5 = classes > TOP;
  const shareUnder = ({ ranks }: Ranks, places: number): number =>
    ranks.filter((rank) => rank < places).length / ranks.length;
  return {
    primary: 'top1',
    headings: { top1: 'top-1', ...(hasTop5 && { top5: 'top-5' }) },
    none: () => ({ truths: [], ranks: [] }),
    count({ labels }, probabilities, where) {
      const truth = labels!.data[0]!;
      if (truth === NO_CLASS) return { truths: [], ranks: [] };
      if (!(truth < classes) || probabilities.length !== classes) {
        fail('E_EVAL_ID', {
          where,
          expected: `a class id from 0 to ${classes - 1}, and a probability of each`,
          got: `${truth}, and ${probabilities.length} probabilities`,
        });
      }
      return { truths: [truth], ranks: [rankOf(truth, probabilities)] };
    },
    merge(sum, { truths, ranks }) {
      sum.truths.push(...truths);
      sum.ranks.push(...ranks);
    },
    scores: (counts) => ({ top1: shareUnder(counts, 1), ...(hasTop5 && { top5: shareUnder(counts, TOP) }) }),
    classScores({ truths, ranks }) {
      const [right, all] = [new Float64Array(classes), new Float64Array(classes)];
      truths.forEach((truth, i) => {
        all[truth]! += 1;
        if (ranks[i] === 0) right[truth]! += 1;
      });
      return { accuracy: right.map((count, id) => count / all[id]!) };
    },
    // Of an image without a class 0, of one with it the id and the rank from 1.
    pack(images) {
      const plusOne = (of: (counts: Ranks) => number[]): number[] => images.map((counts) => (of(counts)[0] ?? -1) + 1);
      return {
        truth: packNumbers(plusOne(({ truths }) => truths)),
        answers: packNumbers(plusOne(({ ranks }) => ranks)),
      };
    },
    unpack({ truth, answers }, images) {
      const [truths, ranks] = [unpackNumbers(truth, images), unpackNumbers(answers, images)];
      return Array.from(truths, (id, i) =>
        id === 0 ? { truths: [], ranks: [] } : { truths: [id - 1], ranks: [ranks[i]! - 1] },
      );
    },
  };
}

function rankOf(id: number, probabilities: Float32Array): number {
  const own = probabilities[id]!;
  let rank = 0;
  for (let other = 0; other < probabilities.length; other++) {
    const value = probabilities[other]!;
    if (value > own || (value === own && other < id)) rank++;
  }
  return rank;
}
