/** A sum of weighted bytes, shifted right by this, is the filtered byte, truncated. */
export const WEIGHT_BITS = 22;

/**
 * What a sum of weighted bytes begins with: 1/1024 of a level, so that one that should be whole and falls short of it by the rounding of
 * the weights is not truncated to the level below.
 */
export const ROUNDING = 2 ** (WEIGHT_BITS - 10);

/**
 * The weights of a filter as whole numbers, so that sums are exact, in any order and on every machine, and flat areas stay as they
 * are where the weights add up to 1.
 *
 * @param weights 0..1, adding up to less than 2
 * @param main which of them takes what rounding leaves over
 * @returns each times 2^22; so is their sum
 */
export function wholeWeights(weights: ArrayLike<number>, main: number): Int32Array {
  const scaled = Array.from(weights, (weight) => weight * 2 ** WEIGHT_BITS);
  const whole = Int32Array.from(scaled, Math.round);
  whole[main]! += Math.round(sum(scaled)) - sum(whole);
  return whole;
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
