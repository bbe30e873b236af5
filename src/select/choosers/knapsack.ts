import { knapsack as solve } from '../knapsack.js';
import type { Chooser } from './chooser.js';

/** @source Xie and Kim 2020, Eq. 2 */
export const knapsack: Chooser = {
  description: 'largest sum of values within the budget (Eq. 2)',
  choose: solve,
};
