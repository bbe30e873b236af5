import { splitMethod, splitOptions, valuesOption } from './split-method.js';

/** What the exact knapsack is worth: the usual shortcut in its place. */
export const greedy = splitMethod(
  'as the adaptor, items taken by value per parameter instead of the knapsack',
  { choose: 'greedy' },
  splitOptions.extend(valuesOption),
);
