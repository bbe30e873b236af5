import { fail } from '../common/errors.js';

/** What of a network an adaptor may change, within the same budget: what the knapsack chooses, all scales and shifts, or convolutions by changes of low rank. */
export type Way = 'items' | 'affine' | 'low-rank';

/** How `adapt` may be told what to change; `best` tries every way, and the held-out pictures decide. */
export const WAYS: Readonly<Record<string, readonly Way[]>> = {
  items: ['items'],
  affine: ['affine'],
  'low-rank': ['low-rank'],
  best: ['items', 'affine', 'low-rank'],
};

/** @throws E_USAGE for another text */
export function parseWays(how: string): readonly Way[] {
  if (Object.hasOwn(WAYS, how)) return WAYS[how]!;
  return fail('E_USAGE', { where: '--how', expected: Object.keys(WAYS).join(', '), got: how });
}
