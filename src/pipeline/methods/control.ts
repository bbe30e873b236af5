import { z } from 'zod';
import { CLEAN } from '../../distort/level.js';
import { networkStep } from '../steps/tune.js';
import { defineMethod } from './method.js';
import { atEpochs, networkRate, objectiveOption, sharedOptions, withStatistics } from './shared-options.js';

const options = z.strictObject({ ...sharedOptions, ...objectiveOption });

/** What a fine-tune of the same length comes to that sees no distortion: a gain below it is that of more training. */
export const control = defineMethod({
  description: 'one network fine-tuned on clean images for as long as the others, to compare with',
  resident: 'network',
  options,
  prepare({ epochs, learningRate, statistics }: z.infer<typeof options>, tools) {
    const target = atEpochs(tools.target(CLEAN), epochs);
    const step = networkStep(`network ${tools.name}`, target, learningRate ?? networkRate(tools));
    const tuned = withStatistics({ statistics }, tools.name, step);
    return () => ({ candidate: { form: 'switching', base: tools.base, tuned } });
  },
});
