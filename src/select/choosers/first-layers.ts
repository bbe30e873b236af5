import { fill, type Chooser } from './chooser.js';

/**
 * From the input on, in the network's order, each item that still fits.
 *
 * @source Lee et al., Surgical Fine-Tuning Improves Adaptation to Distribution Shifts (ICLR 2023): the first block for corruptions
 */
export const firstLayers: Chooser = {
  description: 'from the input on, while it fits',
  choose: (items, capacity) => fill(items, items.keys(), capacity),
};
