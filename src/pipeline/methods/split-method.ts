import { z } from 'zod';
import { GRANULARITIES } from '../../select/item.js';
import { VALUE_NAMES } from '../../select/values/registry.js';
import type { ItemChoice } from '../steps/target.js';
import { adaptorStep } from '../steps/tune.js';
import { without } from '../without.js';
import { defineMethod, type MethodKind } from './method.js';
import {
  aroundOption,
  averageOption,
  atLevel,
  budgetText,
  calibrateOption,
  objectiveOption,
  shareOption,
  statisticsOption,
  trainOption,
  withShare,
  withStatistics,
} from './shared-options.js';

/** Options of methods that fine-tune some items of the base for each level. */
export const splitOptions = z.strictObject({
  ...trainOption,
  ...statisticsOption,
  ...objectiveOption,
  ...averageOption,
  ...aroundOption,
  budget: budgetText.optional().describe("what an adaptor may hold. Default: the experiment's"),
  granularity: z
    .enum(GRANULARITIES)
    .optional()
    .describe("what is chosen among, `tensor` or `layer`. Default: the experiment's"),
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe('at the first step. Default: that of `adaptor`, tried or named'),
  ...shareOption,
  ...calibrateOption,
});

/** The option of methods that choose by items' values. */
export const valuesOption = {
  values: z.enum(VALUE_NAMES).optional().describe('what items are worth. Default: `change`, their mean change (Eq. 1)'),
};

export type SplitMethodOptions = z.infer<typeof splitOptions> & Partial<Pick<ItemChoice, 'values' | 'seed'>>;

/**
 * A method that differs from the adaptor in its choice of items alone: all else is the same training.
 *
 * @param choice how items are valued and chosen, where options do not say
 */
export function splitMethod(
  description: string,
  choice: Partial<ItemChoice>,
  options: z.ZodObject & z.ZodType<SplitMethodOptions> = splitOptions,
): MethodKind {
  return defineMethod({
    description,
    resident: 'adaptors',
    options,
    prepare(given: SplitMethodOptions, tools) {
      const { name, base, target, split, rate } = tools;
      const { learningRate, statistics } = given;
      const own = without(
        given,
        ...(['train', 'learningRate', 'statistics', 'objective', 'share', 'average', 'around', 'calibrate'] as const),
      );
      return (level) => {
        const items = split(level, { ...choice, ...own });
        const id = name === 'adaptor' ? `adaptor ${level.text}` : `adaptor ${name} ${level.text}`;
        const part = { ...target(level), split: items };
        const step = adaptorStep(id, part, learningRate ?? rate('adaptor', level));
        const whole = withStatistics({ statistics }, `${name} ${level.text}`, step);
        const adaptor = withShare(given, `${name} ${level.text}`, base, whole);
        return atLevel(given, tools, level, { form: 'adaptor', adaptor, split: items });
      };
    },
  });
}
