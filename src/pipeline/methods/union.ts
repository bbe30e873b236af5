import { splitMethod, splitOptions, valuesOption } from './split-method.js';

/** Levels that adapt the same tensors can swap in place. */
export const union = splitMethod(
  'as the adaptor, one set of items for all levels, by the mean of their values',
  { choose: 'union' },
  splitOptions.extend(valuesOption),
);
