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
