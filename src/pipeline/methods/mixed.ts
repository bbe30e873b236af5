import { z } from 'zod';
import { uniqueLevels } from '../levels.js';
import { networkStep } from '../steps/tune.js';
import { defineMethod } from './method.js';
import {
  atEpochs,
  networkRate,
  objectiveOption,
  sharedOptions,
  trainOption,
  withStatistics,
} from './shared-options.js';

const options = z.strictObject({
  levels: z
    .array(z.string())
    .min(1)
    .optional()
    .describe("levels of the images to train on, the experiment's own or others. Default: the experiment's"),
  ...trainOption,
  ...sharedOptions,
  ...objectiveOption,
});

/** @source Xie and Kim 2020, section 4.2: a network fine-tuned on a dataset with mixed distortions */
export const mixed = defineMethod({
  description: 'one network fine-tuned on images of all levels, drawn anew in every epoch',
  resident: 'network',
  options,
  prepare({ epochs, learningRate, levels: texts, statistics }: z.infer<typeof options>, tools) {
    const levels = texts ? uniqueLevels(texts, `methods.${tools.name}.levels`) : tools.levels;
    const target = atEpochs(tools.target(levels[0]!), epochs);
    const mixture = levels.map((level) => tools.target(level).images);
    const step = networkStep(`network ${tools.name}`, { ...target, mixture }, learningRate ?? networkRate(tools));
    const tuned = withStatistics({ statistics }, tools.name, step);
    return () => ({ candidate: { form: 'switching', base: tools.base, tuned } });
  },
});
