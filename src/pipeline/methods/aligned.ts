import { z } from 'zod';
import { ALIGNED } from '../../train/start.js';
import type { FinetuneTarget } from '../steps/target.js';
import { adaptorStep } from '../steps/tune.js';
import { defineMethod, type MethodKind } from './method.js';
import { aroundOption, atLevel, averageOption, calibrateOption, objectiveOption, shareOption, trainOption, withShare } from './shared-options.js'; // prettier-ignore

const options = z.strictObject({ ...trainOption, ...shareOption, ...calibrateOption });

const trainedOptions = options.extend({
  ...objectiveOption,
  ...averageOption,
  ...aroundOption,
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe('at the first step. Default: that of `adaptor`, tried or named'),
});

/** First layers by the images alone: no label, no gradient. */
export const aligned = alignedMethod(
  'first layers brought to the channel means and deviations of clean images, nothing trained',
  options,
  (target) => ({ ...untrained(target), adapt: 'stems', objective: 'teacher' }),
);

/** Of the alignment and of training each what it is good at: what is done to every pixel alike, and the rest. */
export const alignedAffine = alignedMethod(
  'weights and biases of all normalizations per level, from aligned first layers on',
  trainedOptions,
  (target) => ({ ...target, adapt: 'affine' }),
);

function alignedMethod(
  description: string,
  schema: z.ZodObject & z.ZodType<z.infer<typeof trainedOptions>>,
  partOf: (target: FinetuneTarget) => FinetuneTarget,
): MethodKind {
  return defineMethod({
    description,
    resident: 'adaptors',
    options: schema,
    prepare(given: z.infer<typeof trainedOptions>, tools) {
      const { name, base, target, rate } = tools;
      return (level) => {
        const part: FinetuneTarget = { ...partOf(target(level)), start: ALIGNED };
        const step = adaptorStep(`adaptor ${name} ${level.text}`, part, given.learningRate ?? rate('adaptor', level));
        const adaptor = withShare(given, `${name} ${level.text}`, base, step);
        return atLevel(given, tools, level, { form: 'adaptor', adaptor });
      };
    },
  });
}

function untrained(target: FinetuneTarget): FinetuneTarget {
  const { settings } = target;
  return { ...target, settings: { ...settings, config: { ...settings.config, steps: 0 } } };
}
