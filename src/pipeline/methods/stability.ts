import { z } from 'zod';
import { CLEAN } from '../../distort/level.js';
import { networkStep } from '../steps/tune.js';
import { defineMethod } from './method.js';
import { atEpochs, networkRate, sharedOptions, withStatistics } from './shared-options.js';

const options = z.strictObject({
  alpha: z.number().min(0).default(1).describe('weight of the distance between the outputs'),
  sigma: z.number().positive().default(0.1).describe('standard deviation of the noise on images in 0..1'),
  ...sharedOptions,
});

/** @source Zheng et al. (CVPR 2016); Xie and Kim 2020, section 5.5, compare with alpha 2 and sigma 0.1 and others */
export const stability = defineMethod({
  description: 'one network fine-tuned on clean images to answer the same on them with noise',
  resident: 'network',
  options,
  prepare({ alpha, sigma, epochs, learningRate, statistics }: z.infer<typeof options>, tools) {
    const rate = learningRate ?? networkRate(tools);
    const target = { ...atEpochs(tools.target(CLEAN), epochs), objective: `stability:${alpha}:${sigma}` };
    const step = networkStep(`network ${tools.name}`, target, rate);
    const tuned = withStatistics({ statistics }, tools.name, step);
    return () => ({ candidate: { form: 'switching', base: tools.base, tuned } });
  },
});
