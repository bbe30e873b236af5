import type { Network } from '../../models/network.js';
import type { NetworkItem } from '../../select/item.js';
import { itemsOf, totalParameters } from '../../select/items.js';
import type { OpenAdaptation } from './adaptation.js';
import { tensors } from './items.js';

/**
 * Items of a network by what they are, whatever the budget: nothing has to be measured first, as nothing is chosen.
 *
 * @param none throws where there is no such item
 */
export function allItems(network: Network, isOne: (item: NetworkItem) => boolean, none: () => never): OpenAdaptation {
  const items = itemsOf(network.parameters)
    .filter(isOne)
    .map(({ name, tensors: own, size }) => ({ name, tensors: own, size }));
  if (items.length === 0) none();
  const parameters = items.reduce((sum, { size }) => sum + size, 0);
  const share = (100 * parameters) / totalParameters(network.parameters);
  return {
    ...tensors(new Set(items.flatMap((item) => item.tensors))).open(network),
    fields: {
      format: 'gearnn-adaptor',
      items,
      parameters,
      budget: { text: `${Number(share.toPrecision(2))}%`, parameters },
    },
  };
}
