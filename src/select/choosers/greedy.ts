import { fill, type Chooser } from './chooser.js';

/** By falling value per parameter, each item that still fits; of equals the earlier. @source G. Dantzig's rule */
export const greedy: Chooser = {
  description: 'largest value per parameter first, while it fits',
  choose(items, capacity) {
    const density = items.map(({ value, size }) => (size === 0 ? Infinity : value / size));
    const useful = [...items.keys()].filter((index) => items[index]!.value > 0);
    return fill(
      items,
      useful.sort((a, b) => (density[a] === density[b] ? a - b : density[b]! - density[a]!)),
      capacity,
    );
  },
};
