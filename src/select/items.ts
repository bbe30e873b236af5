import { isNormalization, isStatistic } from '../models/network.js';
import type { Granularity, ItemKind, ItemTensor, NetworkItem } from './item.js';

/** What ends the name of an item of running statistics. */
const STATISTICS = '.running';

/**
 * The items of a network, in the order of its parameters.
 *
 * @param parameters all of the network's, fixed ones included
 * @param granularity `tensor`: each weight and bias, and each batch normalization's mean and variance together as
 *   `GROUP.running`; `layer`: all tensors of a group, whose name is the item's
 * @returns items that cover every tensor but the fixed ones, each tensor once
 * @source Xie and Kim 2020, section 3.2.2 takes whole layers; Table 1's counts include running statistics
 */
export function itemsOf(parameters: readonly ItemTensor[], granularity: Granularity = 'tensor'): NetworkItem[] {
  const items = new Map<string, ItemTensor[]>();
  for (const parameter of parameters) {
    if (parameter.role === 'fixed') continue;
    const name = granularity === 'layer' ? parameter.group : itemName(parameter);
    items.set(name, [...(items.get(name) ?? []), parameter]);
  }
  return [...items].map(([name, members]) => ({
    name,
    tensors: members.map((parameter) => parameter.name),
    size: totalParameters(members),
    kind: kindOf(members),
  }));
}

/** Values of the whole state, what a budget in percent refers to: fixed parameters count. */
export function totalParameters(parameters: readonly Pick<ItemTensor, 'size'>[]): number {
  return parameters.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Kinds of items by their names alone, where no network is at hand: as {@link itemsOf} names them, tensor by tensor.
 *
 * @param names of all items
 */
export function kindsByName(names: readonly string[]): ItemKind[] {
  const normalized = new Set(
    names.filter((name) => name.endsWith(STATISTICS)).map((name) => name.slice(0, -STATISTICS.length)),
  );
  return names.map((name) => {
    if (name.endsWith(STATISTICS)) return 'statistics';
    return normalized.has(name.slice(0, name.lastIndexOf('.'))) ? 'normalization' : 'weights';
  });
}

function itemName(parameter: ItemTensor): string {
  return isStatistic(parameter) ? `${parameter.group}${STATISTICS}` : parameter.name;
}

function kindOf(members: readonly ItemTensor[]): ItemKind {
  if (members.every(isStatistic)) return 'statistics';
  return members.every(isNormalization) ? 'normalization' : 'weights';
}
