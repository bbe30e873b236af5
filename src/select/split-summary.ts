import { z } from 'zod';
import type { ItemKind, NetworkItem } from './item.js';
import { withoutKind, type Split } from './split.js';

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);

/** What an item is to the network: running statistics, weights and biases of normalizations, or everything else. */
export const GROUPS = ['statistics', 'normalization', 'convolution'] as const;
export type Group = (typeof GROUPS)[number];

const GROUP_OF: Readonly<Record<ItemKind, Group>> = {
  statistics: 'statistics',
  normalization: 'normalization',
  weights: 'convolution',
};

/** What was chosen for one level, and what from. */
export const splitSummarySchema = z.strictObject({
  level: z.string().min(1),
  /** Names of the chosen items. */
  items: z.array(z.string()),
  /** Parameters of the chosen items. */
  size: count,
  /** Sum of their sensitivities. */
  value: z.number().nonnegative(),
  /** Every item, in the network's order. */
  sensitivity: z.array(
    z.strictObject({
      name: z.string(),
      group: z.enum(GROUPS),
      /** Mean absolute change by full fine-tuning (Eq. 1). */
      value: z.number().nonnegative(),
      size: count,
      /** Share of its parameters that changed by more than 2e-4. */
      changed: share,
    }),
  ),
  /** Share of all parameters that full fine-tuning changed by more than 2e-4; results of before it was written have none. */
  changed: share.optional(),
});

export type SplitSummary = z.infer<typeof splitSummarySchema>;

/**
 * A split as reports show it.
 *
 * @param items every item that it was chosen from
 */
export function summarizeSplit(
  { level, items: chosen, size, value, sensitivity }: Split,
  items: readonly NetworkItem[],
): SplitSummary {
  const groups = new Map(items.map(({ name, kind }) => [name, GROUP_OF[kind]]));
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

/** Parameters of the chosen items by group. */
export function memberSizes({
  items,
  sensitivity,
}: Pick<SplitSummary, 'items' | 'sensitivity'>): Record<Group, number> {
  const sizes = { statistics: 0, normalization: 0, convolution: 0 };
  const chosen = new Set(items);
  for (const { name, group, size } of sensitivity) if (chosen.has(name)) sizes[group] += size;
  return sizes;
}

/** Share of a network's parameters that full fine-tuning moved by more than 2e-4. */
export function changedShareOf({ sensitivity }: Pick<SplitSummary, 'sensitivity'>): number {
  const total = sensitivity.reduce((sum, { size }) => sum + size, 0);
  return sensitivity.reduce((sum, { size, changed }) => sum + size * changed, 0) / total;
}
