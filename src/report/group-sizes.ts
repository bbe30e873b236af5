import type { Group, SplitSummary } from './results.js';

/** Parts of an adaptor, in parameters by group. */
export function memberSizes({
  items,
  sensitivity,
}: Pick<SplitSummary, 'items' | 'sensitivity'>): Record<Group, number> {
  const sizes = { statistics: 0, normalization: 0, convolution: 0 };
  const chosen = new Set(items);
  for (const { name, group, size } of sensitivity) if (chosen.has(name)) sizes[group] += size;
  return sizes;
}
