import { z } from 'zod';
import type { FinetuneTarget } from '../steps/finetune.js';
import type { Rate } from '../steps/rate.js';
import type { MethodTools } from './method.js';

/** The options of methods that train one network for all levels. */
export const sharedOptions = {
  epochs: z.int().positive().optional().describe('times that every sample is seen; those of `finetune` unless said'),
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe('at the first step; that of whole networks at the middle level, tried or named, unless said'),
};

/** The rate of whole networks at the level in the middle of the list, the one that stands for all. */
export function networkRate({ experiment: { levels }, rate }: MethodTools): Rate {
  return rate('switching', levels[Math.floor(levels.length / 2)]!);
}

/** The target at so many epochs; as it is unless said. */
export function atEpochs(target: FinetuneTarget, epochs?: number): FinetuneTarget {
  if (epochs === undefined) return target;
  const { settings } = target;
  return { ...target, settings: { ...settings, config: { ...settings.config, epochs } } };
}
