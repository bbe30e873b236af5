import { fail } from '../common/errors.js';

/** What of a network an adaptor may change, within the same budget: what the knapsack chooses, all scales and shifts, or convolutions by changes of low rank. */
export type Way = 'items' | 'affine' | 'low-rank';

/**
 * How `adapt` may be told what to change. `auto` takes scales and shifts where the budget has room for them all, and else what the knapsack chooses;
 * `best` tries every way, and the held-out pictures decide.
 */
export const WAYS: Readonly<Record<string, readonly Way[] | ((hasRoom: boolean) => readonly Way[])>> = {
  auto: (hasRoom) => [hasRoom ? 'affine' : 'items'],
  items: ['items'],
  affine: ['affine'],
  'low-rank': ['low-rank'],
  best: ['items', 'affine', 'low-rank'],
};

/**
 * @param hasRoom whether an adaptor may hold all scales and shifts, of which the network has some
 * @throws E_USAGE for another text
 */
export function parseWays(how: string, hasRoom: boolean): readonly Way[] {
  if (!Object.hasOwn(WAYS, how)) fail('E_USAGE', { where: '--how', expected: Object.keys(WAYS).join(', '), got: how });
  const ways = WAYS[how]!;
  return typeof ways === 'function' ? ways(hasRoom) : ways;
}
