import type { Random } from '../common/random.js';

/** How many boxes teach. */
export interface SampleOptions {
  /** Boxes drawn per image at most. */
  count: number;
  /** Share of them that stand for objects at most, 0..1. */
  positive: number;
}

/** Indices of the boxes that were drawn, ascending. */
export interface BoxSample {
  positive: number[];
  negative: number[];
}

/**
 * Draws boxes that teach: those that stand for objects up to their share, and background up to the count.
 *
 * @param labels of the boxes: above 0 an object's class, 0 background, below 0 one that teaches nothing
 * @param random the same state draws the same boxes
 * @source torchvision's `BalancedPositiveNegativeSampler`
 */
export function sampleBoxes(labels: ArrayLike<number>, { count, positive }: SampleOptions, random: Random): BoxSample {
  const [objects, background]: [number[], number[]] = [[], []];
  for (let i = 0; i < labels.length; i++) {
    if (labels[i]! > 0) objects.push(i);
    else if (labels[i] === 0) background.push(i);
  }
  const taken = drawn(objects, Math.floor(count * positive), random);
  return { positive: taken, negative: drawn(background, count - taken.length, random) };
}

function drawn(indices: readonly number[], count: number, random: Random): number[] {
  const order = random.permutation(indices.length).slice(0, count);
  return order.map((i) => indices[i]!).sort((a, b) => a - b);
}
