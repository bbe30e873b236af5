import { z } from 'zod';
import { adaptorStep } from '../steps/tune.js';
import { defineMethod } from './method.js';
import { aroundOption, atLevel, objectiveOption, trainOption, withShare } from './shared-options.js';
import { splitOptions } from './split-method.js';

const options = splitOptions
  .pick({ budget: true, learningRate: true, share: true, calibrate: true })
  .extend({ ...trainOption, ...objectiveOption, ...aroundOption });

/** @source Hu et al., LoRA (ICLR 2022); for convolutions Yeh et al., LyCORIS (ICLR 2024) */
export const lora = defineMethod({
  description: "the base with that level's low-rank changes of convolutions, of the same budget",
  resident: 'adaptors',
  options,
  prepare(given: z.infer<typeof options>, tools) {
    const { budget, learningRate } = given;
    const { name, budget: standard, base, target, rate } = tools;
    return (level) => {
      const part = { ...target(level), adapt: `lora:${budget ?? standard}` };
      const whole = adaptorStep(`adaptor ${name} ${level.text}`, part, learningRate ?? rate('adaptor', level));
      const adaptor = withShare(given, `${name} ${level.text}`, base, whole);
      return atLevel(given, tools, level, { form: 'lora', adaptor });
    };
  },
});
