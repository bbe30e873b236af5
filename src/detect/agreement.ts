import { boxIou } from './boxes.js';
import { takeScoredBoxes, type ScoredBoxes } from './scored-boxes.js';

/** Boxes of two answers: those that both have, and all of each. */
export interface BoxCounts {
  both: number;
  own: number;
  wanted: number;
}

/**
 * How many boxes of an answer another one has as well: of the same class, and overlapping by at least `least`. The surest box takes its best
 * partner first, and none is taken twice.
 *
 * @param least intersection over union, 0..1
 */
export function commonBoxes(own: ScoredBoxes, wanted: ScoredBoxes, least = 0.5): BoxCounts {
  const order = [...own.scores.keys()].sort((a, b) => own.scores[b]! - own.scores[a]! || a - b);
  const sorted = takeScoredBoxes(own, order);
  const count = wanted.scores.length;
  const overlaps = boxIou(sorted.boxes, wanted.boxes);
  const isTaken = new Uint8Array(count);
  let both = 0;
  for (let i = 0; i < order.length; i++) {
    let best = -1;
    for (let j = 0; j < count; j++) {
      if (isTaken[j] || sorted.classes[i] !== wanted.classes[j] || !(overlaps[i * count + j]! >= least)) continue;
      if (best < 0 || overlaps[i * count + j]! > overlaps[i * count + best]!) best = j;
    }
    if (best < 0) continue;
    isTaken[best] = 1;
    both++;
  }
  return { both, own: order.length, wanted: count };
}

/** The harmonic mean of the share of own boxes that are wanted and of wanted ones that are there, 0..1; NaN where neither has any. */
export function boxAgreement({ both, own, wanted }: BoxCounts): number {
  return (2 * both) / (own + wanted);
}
