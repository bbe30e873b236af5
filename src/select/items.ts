import type { Granularity, Item, ItemTensor } from './item.js';

/**
 * The items of a network's state, in the state's order.
 *
 * @param state every tensor of the network, fixed ones included
 * @param granularity `tensor`: each weight and bias, and each batch normalization's `running_mean` and `running_var` together as
 *   `PREFIX.running`; `layer`: all tensors that share a prefix, which is then the item's name
 * @returns items that cover every tensor but the fixed ones, each tensor once
 * @source Xie and Kim 2020, section 3.2.2 takes whole layers; Table 1's counts include running statistics
 */
export function itemsOf(state: readonly ItemTensor[], granularity: Granularity = 'tensor'): Item[] {
  const items = new Map<string, Item>();
  for (const tensor of state) {
    if (tensor.kind === 'fixed') continue;
    const name = granularity === 'layer' ? layerOf(tensor.name) : itemName(tensor);
    const item = items.get(name) ?? { name, tensors: [], size: 0 };
    item.tensors.push(tensor.name);
    item.size += tensor.parameters;
    items.set(name, item);
  }
  return [...items.values()];
}

/** Parameters of the whole state, what a budget in percent refers to: fixed tensors count. */
export function totalParameters(state: readonly ItemTensor[]): number {
  return state.reduce((sum, tensor) => sum + tensor.parameters, 0);
}

function itemName(tensor: ItemTensor): string {
  return tensor.kind === 'running_mean' || tensor.kind === 'running_var'
    ? `${layerOf(tensor.name)}.running`
    : tensor.name;
}

function layerOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}
