import { z } from 'zod';
import { adaptorStep } from '../steps/tune.js';
import { defineMethod } from './method.js';
import { aroundOption, objectiveOption, trainOption, withShare } from './shared-options.js';
import { splitOptions } from './split-method.js';

const options = splitOptions
  .pick({ budget: true, learningRate: true, share: true })
  .extend({ ...trainOption, ...objectiveOption, ...aroundOption });

/** @source Hu et al., LoRA (ICLR 2022); for convolutions Yeh et al., LyCORIS (ICLR 2024) */
export const lora = defineMethod({
  description: "the base with that level's low-rank changes of convolutions, of the same budget",
  resident: 'adaptors',
  options,
  prepare({ budget, learningRate, share }: z.infer<typeof options>, { name, budget: standard, base, target, rate }) {
    return (level) => {
      const part = { ...target(level), adapt: `lora:${budget ?? standard}` };
      const whole = adaptorStep(`adaptor ${name} ${level.text}`, part, learningRate ?? rate('adaptor', level));
      const tuned = withShare({ share }, `${name} ${level.text}`, base, whole);
      return { candidate: { form: 'lora', base, tuned }, adaptor: tuned };
    };
  },
});
