import { z } from 'zod';
import { fail } from '../../common/errors.js';
import { attempt } from '../../common/outcome.js';
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
    pack(images) {
      const valuesOf = (kind: 'distance' | 'square'): string =>
        JSON.stringify(images.map((image) => mapValues(image, (value) => value[kind])));
      return { truth: valuesOf('square'), answers: valuesOf('distance') };
    },
    unpack({ truth, answers }, images) {
      const [squares, distances] = [numbersOf(truth, imagesSchema(images)), numbersOf(answers, imagesSchema(images))];
      return squares.map((image, i) =>
        mapValues(image, (square, name) => ({ square, distance: distances[i]![name] ?? NaN })),
      );
    },
  };
}

function agreementOf({ distance, square }: Distances[string]): number {
  if (distance === 0) return 1;
  return Math.max(0, 1 - Math.sqrt(distance / square));
}

function mapValues<From, To>(record: Record<string, From>, map: (value: From, key: string) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

/** Numbers of each image by output. */
function imagesSchema(images: number) {
  return z.array(z.record(z.string(), z.number())).length(images);
}

/** What a text of counts holds. @throws E_EVAL_COUNTS */
export function numbersOf<T>(text: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(attempt(() => JSON.parse(text) as unknown));
  if (parsed.success) return parsed.data;
  return fail('E_EVAL_COUNTS', {
    where: 'counts',
    expected: 'numbers of as many images as were evaluated',
    got: parsed.error.issues[0]!.message,
    todo: 'Take the file back from version control, or delete it; gearnn run writes a new one.',
  });
}
