import { splitOptions, splitMethod } from './split-method.js';

/** All of batch normalization per level, whatever the budget. */
export const bn = splitMethod(
  'statistics, weights and biases of all normalizations per level, whatever the budget',
  { choose: 'bn', granularity: 'tensor' },
  splitOptions.pick({ learningRate: true, statistics: true }),
);
