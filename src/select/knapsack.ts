import { fail } from '../common/errors.js';
import { settle } from './knapsack-bounds.js';
import type { KnapsackItem } from './knapsack-item.js';

/**
 * The exact solution of the 0/1 knapsack problem.
 *
 * Of all selections that fit and whose value is the highest, one of least size; values whose difference is within the rounding of
 * their own sum count as equal. Items without value are never taken.
 *
 * Items that bounds settle (see `knapsack-bounds.ts`) are left out of the dynamic program, which then needs
 * O(items x capacity) time, a bit per item and unit of capacity, and 8 bytes per unit.
 *
 * @param capacity total size that the selection may have, 0 or more; a fraction is rounded down
 * @returns indices of the items taken, ascending
 * @throws E_SPLIT_KNAPSACK for a value or size that is negative or not a number, a size that is not whole, or such a capacity
 * @source Xie and Kim 2020, Eq. 2; R. Bellman's dynamic program
 */
export function knapsack(items: readonly KnapsackItem[], capacity: number): number[] {
  check(items, capacity);
  const rounding = roundingOf(items.length);
  const { taken, open, room } = settle(items, Math.floor(capacity), rounding);
  const fixedValue = taken.reduce((sum, index) => sum + items[index]!.value, 0);
  const chosen = solve(
    open.map((index) => items[index]!),
    room,
    fixedValue,
    rounding,
  );
  return [...taken, ...chosen.map((position) => open[position]!)].sort((a, b) => a - b);
}

/** How far two sums of `count` doubles may lie apart, relative to them, when they are equal on paper. */
function roundingOf(count: number): number {
  return (count + 1) * Number.EPSILON;
}

function solve(items: readonly KnapsackItem[], capacity: number, fixedValue: number, rounding: number): number[] {
  // best[c]: the highest value that fits into c. Rounded addition is monotonic, so this is the maximum of the sums as rounded.
  const best = new Float64Array(capacity + 1);
  const decisions = items.map(({ value, size }) => {
    const bits = new Uint8Array((capacity >> 3) + 1);
    for (let c = capacity; c >= size; c--) {
      const candidate = best[c - size]! + value;
      if (candidate > best[c]!) {
        best[c] = candidate;
        bits[c >> 3]! |= 1 << (c & 7);
      }
    }
    return bits;
  });

  const enough = best[capacity]! - (best[capacity]! + fixedValue) * rounding;
  let c = best.findIndex((value) => value >= enough);
  const chosen: number[] = [];
  for (let i = items.length - 1; i >= 0; i--) {
    if ((decisions[i]![c >> 3]! >> (c & 7)) & 1) {
      chosen.push(i);
      c -= items[i]!.size;
    }
  }
  return chosen.reverse();
}

function check(items: readonly KnapsackItem[], capacity: number): void {
  if (!(capacity >= 0)) refuse('capacity', 'a number of parameters, 0 or more', capacity);
  items.forEach(({ value, size }, i) => {
    if (!(value >= 0 && value < Infinity)) refuse(`items[${i}].value`, 'a finite number, 0 or more', value);
    if (!(Number.isSafeInteger(size) && size >= 0)) refuse(`items[${i}].size`, 'a whole number, 0 or more', size);
  });
}

function refuse(field: string, expected: string, got: unknown): never {
  fail('E_SPLIT_KNAPSACK', { where: `knapsack.${field}`, expected, got: String(got) });
}
