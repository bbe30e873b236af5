import { splitMethod } from './split-method.js';

/** The adaptor with other values in the same knapsack. */
export const total = splitMethod('as the adaptor, items valued by their total change', { values: 'total' });
