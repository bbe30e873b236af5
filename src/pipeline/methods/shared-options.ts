import { z } from 'zod';
import { SHARES } from '../../adapt/calibrate-options.js';
import type { Level } from '../../distort/level.js';
import { isBudget } from '../../select/budget.js';
import { isObjective, OBJECTIVE_FORMS } from '../../train/objectives/registry.js';
import type { Rate } from '../steps/rate.js';
import type { Json, Step } from '../graph.js';
import { preciseStep } from '../steps/statistics.js';
import type { AdaptorOutput } from '../steps/outputs.js';
import type { Form } from '../steps/evaluate.js';
import { keepStep } from '../steps/keep.js';
import { shareStep } from '../steps/share.js';
import type { Base, FinetuneTarget, SplitStep } from '../steps/target.js';
import type { TunedStep } from '../steps/tune.js';
import type { MethodAtLevel, MethodTools } from './method.js';

/** A budget as configs name it: what the knapsack cannot read is known before anything is trained. */
export const budgetText = z.string().refine(isBudget, 'expected a number of parameters, or a percentage up to 100%');

/** Of every method that fine-tunes what has running statistics. */
export const statisticsOption = {
  statistics: z
    .enum(['precise'])
    .optional()
    .describe(
      'what running statistics end as: `precise`, means over one more epoch. Default: averages that favour the last batches',
    ),
};

/** Of every method that is fine-tuned. */
export const trainOption = {
  train: z
    .string()
    .min(1)
    .optional()
    .describe(
      "samples to train on, such as unlabelled frames of one's own camera with the objective `teacher`. Default: the experiment's",
    ),
};

/** Of every method that trains by gradient. */
export const objectiveOption = {
  objective: z
    .string()
    .refine(isObjective, `expected ${OBJECTIVE_FORMS.join(', ')}`)
    .optional()
    .describe(
      'what fine-tunes are for, those that items are chosen by among them: `labels`, `teacher[:TEMPERATURE]`, `labels+teacher:WEIGHT[:TEMPERATURE]` or `stability:ALPHA:SIGMA`. Default: `labels`',
    ),
};

/** Of every method that trains whole tensors. */
export const averageOption = {
  average: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe(
      'share of the steps over which what is trained is averaged, the last ones. Default: as the last step left it',
    ),
};

/** Of every method that trains for one level at a time. */
export const aroundOption = {
  around: z
    .record(z.string(), z.string())
    .optional()
    .describe('by level, the range that its images are drawn from, such as `jpeg=8..12`. Default: the level itself'),
};

/** Of every method whose adaptors are trained by gradient. */
export const shareOption = {
  share: z
    .number()
    .positive()
    .lt(1)
    .optional()
    .describe('how far adaptors go from the base to what was trained, over 0 and below 1. Default: all the way'),
};

const calibrate = z.strictObject({
  samples: z
    .string()
    .min(1)
    .describe('samples to measure on, which the method is not trained on: a drive of their own says most'),
  objective: z
    .enum(['labels', 'teacher'])
    .default('labels')
    .describe('what answers are compared with: labels, or what the base answers on the clean images'),
});

export type CalibrateOption = z.infer<typeof calibrate>;

/** Of every method with an adaptor per level. */
export const calibrateOption = {
  calibrate: calibrate
    .optional()
    .describe(
      'keeps of each adaptor the share, 0.25 to 1, that is most surely better than the base on samples of its own, or none. Default: all of it, unmeasured',
    ),
};

/** What a method has at a level with such an adaptor: where it is to be measured first, what is kept of it. */
export function atLevel(
  { calibrate: asked }: { calibrate?: CalibrateOption },
  { name, base, imagesOf, evaluator, intervals, seed }: MethodTools,
  level: Level,
  { form, adaptor, split }: { form: Form; adaptor: Step<AdaptorOutput>; split?: SplitStep },
): MethodAtLevel {
  const items = split && { split };
  if (!asked) return { candidate: { form, base, tuned: adaptor }, ...items, adaptor };
  const images = imagesOf(level, asked.samples);
  const all = { split: images.slice.split, start: 0 };
  const kept = keepStep(`calibrate ${name} ${level.text}`, {
    ...{ base, adaptor, images, apart: all, evaluator, intervals, seed, original: base },
    ...{ shares: SHARES, agreement: asked.objective === 'teacher' },
  });
  return { candidate: { form: 'kept', base, tuned: kept }, ...items, adaptor: kept, kept };
}

/** The options of methods that train one network for all levels. */
export const sharedOptions = {
  epochs: z.int().positive().optional().describe('times that every sample is seen. Default: those of `finetune`'),
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe('at the first step. Default: that of whole networks at the middle level, tried or named'),
  ...statisticsOption,
  ...averageOption,
};

/** What a step fine-tuned, with precise statistics where the options ask for them. */
export function withStatistics<Output extends Json>(
  { statistics }: { statistics?: 'precise' },
  id: string,
  tuned: TunedStep<Output>,
): Step<Output> {
  return statistics ? preciseStep(`statistics ${id}`, tuned) : tuned;
}

/** The adaptor that a step made, or a share of its change where the options ask for that. */
export function withShare(
  { share }: { share?: number },
  id: string,
  base: Base,
  adaptor: Step<AdaptorOutput>,
): Step<AdaptorOutput> {
  return share === undefined ? adaptor : shareStep(`share ${id}`, base, adaptor, share);
}

/** The rate of whole networks at the level in the middle of the list, the one that stands for all. */
export function networkRate({ levels, rate }: MethodTools): Rate {
  return rate('switching', levels[Math.floor(levels.length / 2)]!);
}

/** The target at so many epochs. Default: as it is. */
export function atEpochs(target: FinetuneTarget, epochs?: number): FinetuneTarget {
  if (epochs === undefined) return target;
  const { settings } = target;
  const config = { ...settings.config, epochs, steps: undefined };
  return { ...target, settings: { ...settings, config } };
}
