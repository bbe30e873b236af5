import { z } from 'zod';
import { mixedStep } from '../steps/shared-network.js';
import { defineMethod } from './method.js';
import { networkRate, rateOption } from './shared-rate.js';

/** @source Xie and Kim 2020, section 4.2: a network fine-tuned on a dataset with mixed distortions */
export const mixed = defineMethod({
  description: 'one network fine-tuned on images of all levels, drawn anew in every epoch',
  resident: 'network',
  options: z.strictObject(rateOption),
  prepare({ learningRate }: { learningRate?: number }, tools) {
    const { levels } = tools.experiment;
    const tuned = mixedStep(tools.name, levels.map(tools.target), learningRate ?? networkRate(tools));
    return () => ({ candidate: { form: 'switching', base: tools.base, tuned } });
  },
});
