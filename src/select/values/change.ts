import type { ItemValue } from './value.js';

/** @source Xie and Kim 2020, Eq. 1 */
export const change: ItemValue = {
  description: 'mean absolute change (Eq. 1)',
  of: ({ change: sum, count }) => sum / count,
};
