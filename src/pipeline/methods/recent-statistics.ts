import { z } from 'zod';
import { defineMethod } from './method.js';

const options = z.strictObject({
  window: z.int().positive().max(64).default(8).describe('frames whose statistics count, the answered one among them'),
  prior: z.number().min(0).default(0).describe('frames that the running statistics of training count for'),
});

/** @source Schneider et al., Improving robustness against common corruptions by covariate shift adaptation (NeurIPS 2020) */
export const recentStatistics = defineMethod({
  description: 'the base, its normalizations by the statistics of the last frames that it was shown',
  resident: 'network',
  options,
  prepare: (settings: z.infer<typeof options>, { base }) => {
    const online = { adapts: 'recent-statistics' as const, ...settings };
    return () => ({ candidate: { form: 'online', base, online } });
  },
});
