import type { KnapsackItem } from './knapsack-item.js';

/** What bounds alone decide about a knapsack problem. */
export interface Settled {
  /** Indices of items that every best selection holds. */
  taken: number[];
  /** Indices of items still to be decided; what is in neither list is in no best selection. */
  open: number[];
  /** Capacity left for the open items. */
  room: number;
}

/**
 * Settles the items whose choice an upper bound proves: if even the relaxed problem, in which one item may be cut, cannot reach the
 * greedy selection's value without (or with) an item, that item is in every (or no) best selection.
 *
 * A network's large convolutions are worth little for their size, so this leaves a handful of open items out of hundreds.
 *
 * @param capacity whole number, or infinite
 * @param rounding relative difference up to which two sums of the values count as equal
 * @source G. Dantzig's bound; variable reduction after G. Ingargiola and J. Korsh (1973)
 */
export function settle(items: readonly KnapsackItem[], capacity: number, rounding: number): Settled {
  const useful = items.flatMap(({ value, size }, index) => (value > 0 && size <= capacity ? [index] : []));
  if (useful.reduce((sum, index) => sum + items[index]!.size, 0) <= capacity) {
    return { taken: useful, open: [], room: 0 };
  }
  const order = useful.sort((a, b) => items[b]!.value * items[a]!.size - items[a]!.value * items[b]!.size);
  const goal = greedyValue(items, order, capacity) * (1 - 4 * rounding);
  const settled: Settled = { taken: [], open: [], room: capacity };
  for (const index of order) {
    const { value, size } = items[index]!;
    if (upperBound(items, order, index, capacity) < goal) {
      settled.taken.push(index);
      settled.room -= size;
    } else if (value + upperBound(items, order, index, capacity - size) >= goal) {
      settled.open.push(index);
    }
  }
  settled.open.sort((a, b) => a - b);
  return settled;
}

/** Value of taking whatever still fits, in the order given: what a best selection reaches at least. */
function greedyValue(items: readonly KnapsackItem[], order: readonly number[], capacity: number): number {
  let sum = 0;
  for (const index of order) {
    const { value, size } = items[index]!;
    if (size > capacity) continue;
    capacity -= size;
    sum += value;
  }
  return sum;
}

/** Value of the problem without item `left` when the last item taken may be cut; `order` is by falling value per size. */
function upperBound(items: readonly KnapsackItem[], order: readonly number[], left: number, capacity: number): number {
  let sum = 0;
  for (const index of order) {
    if (index === left) continue;
    const { value, size } = items[index]!;
    if (size > capacity) return sum + (value * capacity) / size;
    capacity -= size;
    sum += value;
  }
  return sum;
}
