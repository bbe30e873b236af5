import type { ItemKind, NetworkItem } from '../select/item.js';
import { withoutKind, type Split } from '../select/split.js';
import type { Group, SplitSummary } from './results.js';

/** What reports call kinds of items. */
const GROUPS: Readonly<Record<ItemKind, Group>> = {
  statistics: 'statistics',
  normalization: 'normalization',
  weights: 'convolution',
};

/**
 * A split as reports show it.
 *
 * @param items every item that it was chosen from
 */
export function summarizeSplit(
  { level, items: chosen, size, value, sensitivity }: Split,
  items: readonly NetworkItem[],
): SplitSummary {
  const groups = new Map(items.map(({ name, kind }) => [name, GROUPS[kind]]));
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
  items: readonly NetworkItem[],
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
    items: items.filter(({ name }) => chosen.has(name)).map(withoutKind),
    size,
    value,
    sensitivity: sensitivity.map(({ name, value, size, changed }) => ({ name, value, size, changed })),
  };
}
