import { fail } from '../common/errors.js';
import { byGroup, isStatistic, type Network } from '../models/network.js';
import type { Split } from '../select/split.js';
import type { TrainableNames } from './freeze.js';

/**
 * Names of the tensors that a split adapts, in the network's own words.
 *
 * @param baseHash of the checkpoint that the network is of
 * @throws E_TRAIN_SPLIT where the split is of another base, or names tensors that the network cannot train
 */
export function trainableOf(split: Split, network: Network, baseHash: string): TrainableNames {
  if (split.baseHash !== baseHash) {
    fail('E_TRAIN_SPLIT', {
      where: '--split',
      expected: `a split of the base ${baseHash}`,
      got: `one of ${split.baseHash}`,
      todo: 'Make a split from this base with gearnn split.',
    });
  }
  const names = new Set(split.items.flatMap(({ tensors }) => tensors));
  const roles = new Map(network.parameters.map(({ name, role }) => [name, role]));
  const wrong = [...names].filter((name) => (roles.get(name) ?? 'fixed') === 'fixed');
  if (wrong.length > 0 || names.size === 0) {
    fail('E_TRAIN_SPLIT', {
      where: '--split',
      expected: `tensors that ${network.spec.name} can train`,
      got: wrong.slice(0, 5).join(', ') || 'none at all',
      todo: names.size === 0 ? 'Allow a larger --budget in gearnn split.' : undefined,
    });
  }
  for (const [group, both] of byGroup(network.parameters.filter(isStatistic))) {
    const count = both.filter(({ name }) => names.has(name)).length;
    if (count === 0 || count === both.length) continue;
    fail('E_TRAIN_SPLIT', {
      where: '--split',
      expected: `both running statistics of ${group}, or none`,
      got: 'one of them',
      todo: 'The file was edited: make it again with gearnn split.',
    });
  }
  return names;
}
