import { z } from 'zod';
import { defineMethod } from './method.js';
import { aroundOption, averageOption, objectiveOption, statisticsOption, withStatistics } from './shared-options.js';

const options = z.strictObject({ ...statisticsOption, ...objectiveOption, ...averageOption, ...aroundOption });

/** @source Xie and Kim 2020, section 4.2 */
export const switching = defineMethod({
  description: 'a whole network fine-tuned for each level',
  resident: 'networks',
  options,
  prepare(given: z.infer<typeof options>, { name, base, full }) {
    return (level) => {
      const tuned = withStatistics(given, `${name} ${level.text}`, full(level));
      return { candidate: { form: 'switching', base, tuned } };
    };
  },
});
