import type { Network } from '../models/network.js';

/**
 * Tensors of at most so many values are fed whether an adaptor replaces them or not: that costs no time, and answers then do not
 * depend on which other adaptors are resident, as frozen and fed tensors round differently.
 */
export const SMALL = 10_000;

/**
 * Names of the tensors that change from adaptor to adaptor: what some adaptor replaces, and whatever is small, all normalizations
 * among it. The rest can be frozen into a graph.
 *
 * @param replaced names of the tensors that adaptors hold
 */
export function changingNames(network: Network, replaced: Iterable<string>): Set<string> {
  const names = new Set(replaced);
  for (const { name, role, size } of network.parameters) {
    if (role !== 'fixed' && size <= SMALL) names.add(name);
  }
  return names;
}
