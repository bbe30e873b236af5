import { z } from 'zod';
import { networkStep } from '../steps/tune.js';
import { defineMethod } from './method.js';
import {
  aroundOption,
  averageOption,
  objectiveOption,
  statisticsOption,
  trainOption,
  withStatistics,
} from './shared-options.js';

const options = z.strictObject({
  ...trainOption,
  ...statisticsOption,
  ...objectiveOption,
  ...averageOption,
  ...aroundOption,
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe('at the first step. Default: that of whole networks, tried or named, which sensitivities are of, too'),
});

/** @source Xie and Kim 2020, section 4.2 */
export const switching = defineMethod({
  description: 'a whole network fine-tuned for each level',
  resident: 'networks',
  options,
  prepare(given: z.infer<typeof options>, { name, base, full, target }) {
    const { learningRate } = given;
    return (level) => {
      const id = `network ${name} ${level.text}`;
      const whole = learningRate === undefined ? full(level) : networkStep(id, target(level), learningRate);
      const tuned = withStatistics(given, `${name} ${level.text}`, whole);
      return { candidate: { form: 'switching', base, tuned } };
    };
  },
});
