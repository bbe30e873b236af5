import { z } from 'zod';
import { statisticsOption } from './shared-options.js';
import { splitMethod } from './split-method.js';

/** Normalization's statistics per level: estimated by passing the level's images, without any gradient. */
export const bnStatistics = splitMethod(
  'running statistics of all normalizations per level, whatever the budget, nothing trained',
  { choose: 'bn-statistics', granularity: 'tensor' },
  z.strictObject(statisticsOption),
);
