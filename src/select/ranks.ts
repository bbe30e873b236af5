import type { Parameter } from '../models/network.js';

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
 * @param parameters the network's; convolutions are its weights in their layout
 * @param capacity parameters for all factors together
 * @returns convolutions with a rank of 1 and more, in the network's order
 */
export function spreadRanks(
  parameters: readonly Pick<Parameter, 'name' | 'role' | 'layout' | 'shape'>[],
  capacity: number,
): RankedTensor[] {
  const convolutions = parameters
    .filter(({ role, layout }) => role === 'weight' && layout === 'conv')
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
