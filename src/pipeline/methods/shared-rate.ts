import { z } from 'zod';
import type { Rate } from '../steps/rate.js';
import type { MethodTools } from './method.js';

/** The option of methods that train one network for all levels. */
export const rateOption = {
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe('at the first step; that of whole networks at the middle level, tried or named, unless said'),
};

/** The rate of whole networks at the level in the middle of the list, the one that stands for all. */
export function networkRate({ experiment: { levels }, rate }: MethodTools): Rate {
  return rate('switching', levels[Math.floor(levels.length / 2)]!);
}
