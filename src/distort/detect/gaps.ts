import { Random } from '../../common/random.js';

const CIRCLE = 1024;
const COSINES = Float64Array.from({ length: CIRCLE }, (_, i) => Math.cos((2 * Math.PI * i) / CIRCLE));

/** Magnitudes below this are noise of rounding. */
const NOTICEABLE = 4;

/** Of a step: noise apart, no magnitude that it quantized lies between 0 and this. */
const EMPTY = 0.4;

/** What the magnitudes are to a step. */
export interface Total {
  /** Of the cosines of those beyond half a step. */
  sum: number;
  /** How many those are. */
  count: number;
  /** How many lie where the step leaves none: above 0, but well below half of it. */
  stray: number;
}

/**
 * How far magnitudes lie on multiples of a step: the sum of `cos(2 pi x / step)` over the magnitudes `x` beyond half a step.
 * The mean is 1 where all do, and about 0 where they lie anywhere, or less, since small magnitudes are the most frequent.
 */
export function gaps(magnitudes: Float32Array, step: number): Total {
  const turns = CIRCLE / step;
  const half = step / 2;
  let sum = 0;
  let count = 0;
  let stray = 0;
  for (let i = 0; i < magnitudes.length; i++) {
    const x = magnitudes[i]!;
    if (x >= NOTICEABLE && x < EMPTY * step) stray++;
    if (x <= half) continue;
    sum += COSINES[(x * turns + 0.5) & (CIRCLE - 1)]!;
    count++;
  }
  return { sum, count, stray };
}

/** {@link gaps} of the same magnitudes at many steps: sorted once, and each step computed once. */
export class GapTable {
  private readonly ascending: Float32Array;
  private readonly known = new Map<number, Total>();

  constructor(magnitudes: Float32Array) {
    this.ascending = magnitudes.slice().sort();
  }

  at(step: number): Total {
    let total = this.known.get(step);
    if (!total) {
      const beyond = this.ascending.subarray(this.below(step / 2));
      const stray = Math.max(0, this.below(EMPTY * step) - this.below(NOTICEABLE));
      total = { ...gaps(beyond, step), stray };
      this.known.set(step, total);
    }
    return total;
  }

  /** How many magnitudes are smaller than a value: a binary search. */
  private below(value: number): number {
    let [low, high] = [0, this.ascending.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ascending[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The mean over all frequencies, the number of magnitudes it is over, and the share that strays. */
export function pooled(totals: readonly Total[]): { mean: number; count: number; stray: number } {
  let [sum, count, stray] = [0, 0, 0];
  for (const total of totals) {
    sum += total.sum;
    count += total.count;
    stray += total.stray;
  }
  return { mean: count > 0 ? sum / count : 0, count, stray: stray / Math.max(1, count + stray) };
}

/**
 * How many different values the magnitudes have, to whole units, rare ones counting little: per frequency the square of the
 * number of magnitudes over the sum of the squared counts of each value; summed over the frequencies.
 */
export function variety(frequencies: readonly Float32Array[]): number {
  let values = 0;
  for (const magnitudes of frequencies) {
    const counts = new Uint32Array(1026);
    let total = 0;
    for (const x of magnitudes) {
      if (x < NOTICEABLE) continue;
      counts[Math.round(x)]!++;
      total++;
    }
    const squares = counts.reduce((sum, count) => sum + count * count, 0);
    if (total > 0) values += (total * total) / squares;
  }
  return values;
}

/** Standard deviation of a coefficient from rounding pixels to whole RGB values; measured as 0.3 to 0.4. */
const ROUNDING = 0.35;

const random = new Random(1);
const NOISE = Float32Array.from({ length: 1021 }, () => ROUNDING * random.normal());

/**
 * What becomes of magnitudes that are quantized by one step, decoded to pixels, quantized by the next and decoded again.
 *
 * @param first step; undefined: not compressed before
 * @param second step; undefined: not compressed again
 */
export function recompressed(magnitudes: Float32Array, first?: number, second?: number): Float32Array {
  const result = new Float32Array(magnitudes.length);
  for (let i = 0; i < result.length; i++) {
    let value = magnitudes[i]!;
    if (first !== undefined) value = Math.round(value / first) * first + NOISE[i % NOISE.length]!;
    if (second !== undefined) value = Math.round(value / second) * second + NOISE[(i + 510) % NOISE.length]!;
    result[i] = Math.abs(value);
  }
  return result;
}
