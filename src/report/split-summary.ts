import { isStatistic, normalizationsOf } from '../select/choosers/normalizations.js';
import type { Item } from '../select/item.js';
import type { Split } from '../select/split.js';
import type { Group, SplitSummary } from './results.js';

/**
 * A split as reports show it.
 *
 * @param items every item that it was chosen from
 */
export function summarizeSplit(
  { level, items: chosen, size, value, sensitivity }: Split,
  items: readonly Item[],
): SplitSummary {
  const groups = groupsOf(items);
  return {
    level,
    items: chosen.map(({ name }) => name),
    size,
    value,
    sensitivity: sensitivity.map((item) => ({ ...item, group: groups.get(item.name)! })),
  };
}

/** What of a split its summary does not say. */
type Rest = Pick<Split, 'baseHash' | 'granularity' | 'values' | 'chooser' | 'budget' | 'total'>;

/**
 * The split that {@link summarizeSplit} made a summary of.
 *
 * @param items every item that it was chosen from
 */
export function splitOfSummary(
  { level, items: names, size, value, sensitivity }: SplitSummary,
  items: readonly Item[],
  rest: Rest,
): Split {
  const { baseHash, granularity, values, chooser, budget, total } = rest;
  const chosen = new Set(names);
  return {
    format: 'gearnn-split',
    version: 1,
    level,
    baseHash,
    granularity,
    ...(values && { values }),
    ...(chooser && { chooser }),
    budget,
    total,
    items: items.filter(({ name }) => chosen.has(name)),
    size,
    value,
    sensitivity: sensitivity.map(({ name, value, size, changed }) => ({ name, value, size, changed })),
  };
}

/** What each item is to the network; layers that have running statistics are normalizations. */
function groupsOf(items: readonly Item[]): Map<string, Group> {
  const isNormalization = normalizationsOf(items.flatMap((item) => item.tensors));
  return new Map(
    items.map((item): [string, Group] => {
      if (item.tensors.every(isStatistic)) return [item.name, 'statistics'];
      return [item.name, item.tensors.every(isNormalization) ? 'normalization' : 'convolution'];
    }),
  );
}
