import { fail } from '../../common/errors.js';
import type { Metric } from '../task.js';
import type { Features } from './targets.js';

/** By output: the squared distance from the answer that is right, and that answer's own square. */
export type Distances = Record<string, { distance: number; square: number }>;

/**
 * Agreement of outputs that are numbers without a meaning known here: of each output `1 - |y - a| / |a|` over all images, at least 0; of several
 * the mean. 1: the same numbers; 0: as far off as an answer of nothing but zeros.
 */
export function featuresMetric(): Metric<Features, Distances> {
  return {
    primary: 'agreement',
    headings: { agreement: 'agreement' },
    none: () => ({}),
    count(target, answer, where) {
      const counts: Distances = {};
      for (const [name, { data: right, shape }] of Object.entries(target)) {
        const own = answer[name];
        if (own?.data.length !== right.length) {
          fail('E_EVAL_SIZE', {
            where,
            expected: `an output ${name} of [${shape}]`,
            got: own ? `[${own.shape}]` : 'none of that name',
          });
        }
        let [distance, square] = [0, 0];
        for (let i = 0; i < right.length; i++) {
          distance += (own.data[i]! - right[i]!) ** 2;
          square += right[i]! ** 2;
        }
        counts[name] = { distance, square };
      }
      return counts;
    },
    merge(sum, counts) {
      for (const [name, { distance, square }] of Object.entries(counts)) {
        const own = (sum[name] ??= { distance: 0, square: 0 });
        own.distance += distance;
        own.square += square;
      }
    },
    scores(counts) {
      const shares = Object.values(counts).map(agreementOf);
      return { agreement: shares.reduce((sum, share) => sum + share, 0) / shares.length };
    },
    classScores: () => ({}),
  };
}

function agreementOf({ distance, square }: Distances[string]): number {
  if (distance === 0) return 1;
  return Math.max(0, 1 - Math.sqrt(distance / square));
}
