import { z } from 'zod';
import { defineMethod } from './method.js';

/** The base as it is. */
export const original = defineMethod({
  description: 'the base, trained on clean images, at every level',
  resident: 'network',
  options: z.strictObject({}),
  prepare: (_, { base }) => {
    return () => ({ candidate: { form: 'original', base } });
  },
});
