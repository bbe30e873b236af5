import { z } from 'zod';
import type { MethodKind } from './method.js';
import { statisticsOption, trainOption } from './shared-options.js';
import { splitMethod, splitOptions, valuesOption } from './split-method.js';

const seedOption = { seed: z.int().nonnegative().optional().describe("of the draw. Default: the experiment's") };

/** Methods that differ in the choice of the items that each level's adaptor holds, and in nothing else. */
export const itemChoices = {
  /** @source Xie and Kim 2020, section 3.2 */
  adaptor: splitMethod("the base with that level's few adapted weights", {}),
  /** Normalization's statistics alone: estimated by passing the level's images, without any gradient. */
  'bn-statistics': splitMethod(
    'running statistics of all normalizations per level, whatever the budget, nothing trained',
    { choose: 'bn-statistics', granularity: 'tensor' },
    z.strictObject({ ...trainOption, ...statisticsOption }),
  ),
  bn: splitMethod(
    'statistics, weights and biases of all normalizations per level, whatever the budget',
    { choose: 'bn', granularity: 'tensor' },
    splitOptions.omit({ budget: true, granularity: true }),
  ),
  /** As `bn`, without running statistics. */
  affine: splitMethod(
    'weights and biases of all normalizations per level, whatever the budget',
    { choose: 'affine', granularity: 'tensor' },
    splitOptions.omit({ budget: true, granularity: true, statistics: true }),
  ),
  learned: splitMethod(
    'as the adaptor, running statistics left out of what is chosen among',
    { choose: 'learned', granularity: 'tensor' },
    splitOptions.omit({ granularity: true, statistics: true }).extend(valuesOption),
  ),
  convolutions: splitMethod(
    'as the adaptor, normalizations left out of what is chosen among',
    { choose: 'convolutions' },
    splitOptions.omit({ statistics: true }).extend(valuesOption),
  ),
  /** @source Lee et al., Surgical Fine-Tuning Improves Adaptation to Distribution Shifts (ICLR 2023) */
  'first-layers': splitMethod('as the adaptor, items taken from the input on up to the same budget', {
    choose: 'first-layers',
  }),
  /** What choosing is worth at all; several seeds are several entries. */
  random: splitMethod(
    'as the adaptor, items drawn at random up to the same budget',
    { choose: 'random' },
    splitOptions.extend(seedOption),
  ),
  /** What the exact knapsack is worth: the usual shortcut in its place. */
  greedy: splitMethod(
    'as the adaptor, items taken by value per parameter instead of the knapsack',
    { choose: 'greedy' },
    splitOptions.extend(valuesOption),
  ),
  /** Levels that adapt the same tensors can swap in place. */
  union: splitMethod(
    'as the adaptor, one set of items for all levels, by the mean of their values',
    { choose: 'union' },
    splitOptions.extend(valuesOption),
  ),
  relative: splitMethod("as the adaptor, items valued by their change relative to the weights' size", {
    values: 'relative',
  }),
  total: splitMethod('as the adaptor, items valued by their total change', { values: 'total' }),
  /** Gradients at the base's weights take an epoch per level. */
  taylor: splitMethod("as the adaptor, items valued by their change's first-order effect on the loss", {
    values: 'taylor',
  }),
} satisfies Record<string, MethodKind>;
