import { z } from 'zod';
import { defineMethod } from './method.js';

/** @source Xie and Kim 2020, section 4.2 */
export const switching = defineMethod({
  description: 'a whole network fine-tuned for each level',
  resident: 'networks',
  options: z.strictObject({}),
  prepare: (_, { base, full }) => {
    return (level) => ({ candidate: { form: 'switching', base, tuned: full(level) } });
  },
});
