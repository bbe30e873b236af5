import { z } from 'zod';
import { OPTIMIZER_NAMES } from '../../train/optimizers.js';
import { defineMethod } from './method.js';

const options = z.strictObject({
  optimizer: z
    .enum(OPTIMIZER_NAMES as ['sgd', 'adam'])
    .default('sgd')
    .describe('how scales and shifts follow the gradient of each frame’s entropy'),
  learningRate: z.number().positive().default(0.00025).describe('of every step'),
  momentum: z.number().min(0).lt(1).default(0.9).describe('share of the last update that is kept'),
});

/** @source Wang et al., Tent: Fully Test-Time Adaptation by Entropy Minimization (ICLR 2021) */
export const tent = defineMethod({
  description: 'the base, which makes its answers surer by a step of scales and shifts after each frame',
  resident: 'network',
  options,
  prepare: (settings: z.infer<typeof options>, { base }) => {
    const online = { adapts: 'tent' as const, ...settings };
    return () => ({ candidate: { form: 'online', base, online } });
  },
});
