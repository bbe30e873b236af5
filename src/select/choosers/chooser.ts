import type { ItemKind } from '../item.js';
import { knapsack } from '../knapsack.js';
import type { KnapsackItem } from '../knapsack-item.js';

/** What a chooser knows of an item; items come in the network's order. */
export interface ChoosableItem extends KnapsackItem {
  name: string;
  kind: ItemKind;
}

/** A way to choose the items of an adaptor: one file of this folder each. */
export interface Chooser {
  /** In a line, for help and tables. */
  description: string;
  /** Takes what it is about whatever it comes to, so that the adaptor may be larger than the budget. */
  overBudget?: true;
  /** Values are means over all levels, so that every level's adaptor holds the same items. */
  acrossLevels?: true;
  /**
   * @param capacity parameters that the budget allows
   * @param seed of what is random
   * @returns indices of the items taken, ascending
   */
  choose(items: readonly ChoosableItem[], capacity: number, seed: number): number[];
}

/** Takes items in an order, each that still fits. @returns indices, ascending */
export function fill(items: readonly ChoosableItem[], order: Iterable<number>, capacity: number): number[] {
  const taken: number[] = [];
  for (const index of order) {
    const { size } = items[index]!;
    if (size > capacity) continue;
    capacity -= size;
    taken.push(index);
  }
  return taken.sort((a, b) => a - b);
}

/** The knapsack among the items that `allowed` says yes to. @returns indices among all items, ascending */
export function knapsackOf(
  items: readonly ChoosableItem[],
  capacity: number,
  allowed: (item: ChoosableItem) => boolean,
): number[] {
  const indices = [...items.keys()].filter((index) => allowed(items[index]!));
  const among = indices.map((index) => items[index]!);
  return knapsack(among, capacity).map((index) => indices[index]!);
}
