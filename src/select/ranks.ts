import type { StateTensor } from '../models/network.js';

/** A convolution whose change is the product of two factors. */
export interface RankedTensor {
  /** Of its weight: `base.0.0.weight`. */
  name: string;
  rank: number;
  /** Parameters of both factors: `rank (in height width + out)`. */
  size: number;
}

/**
 * Spreads a budget over low-rank changes of convolutions: in rounds from the input on, each convolution gets one rank more while that fits,
 * up to where its factors would hold as much as the weight itself.
 *
 * @param state the network's; convolutions are its weights of four axes
 * @param capacity parameters for all factors together
 * @returns convolutions with a rank of 1 and more, in the network's order
 */
export function spreadRanks(
  state: readonly Pick<StateTensor, 'name' | 'kind' | 'shape'>[],
  capacity: number,
): RankedTensor[] {
  const convolutions = state
    .filter(({ kind, shape }) => kind === 'weight' && shape.length === 4)
    .map(({ name, shape: [out, input, height, width] }) => {
      const inside = input! * height! * width!;
      return { name, rank: 0, perRank: inside + out!, most: Math.floor((inside * out!) / (inside + out!)) };
    });
  for (let given = true; given;) {
    given = false;
    for (const convolution of convolutions) {
      if (convolution.perRank > capacity || convolution.rank >= convolution.most) continue;
      convolution.rank++;
      capacity -= convolution.perRank;
      given = true;
    }
  }
  return convolutions.flatMap(({ name, rank, perRank }) => (rank > 0 ? [{ name, rank, size: rank * perRank }] : []));
}
