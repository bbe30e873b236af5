import { z } from 'zod';
import { splitMethod, splitOptions } from './split-method.js';

/** What choosing is worth at all; several seeds are several entries. */
export const random = splitMethod(
  'as the adaptor, items drawn at random up to the same budget',
  { choose: 'random' },
  splitOptions.extend({
    seed: z.int().nonnegative().optional().describe("of the draw; the experiment's unless said"),
  }),
);
