/** One term of a filter: what lies `at` places on, times a weight. */
export interface Tap {
  at: number;
  weight: number;
}

/** Terms by the four, the last filled up with ones of weight 0: adding four at a time takes half the time that one at a time does. */
export type Taps = readonly (readonly [Tap, Tap, Tap, Tap])[];

export function inFours(taps: readonly Tap[]): Taps {
  const none = { at: taps[0]?.at ?? 0, weight: 0 };
  const four = (i: number): Tap => taps[i] ?? none;
  return Array.from({ length: Math.ceil(taps.length / 4) }, (_, i) => {
    return [four(4 * i), four(4 * i + 1), four(4 * i + 2), four(4 * i + 3)] as const;
  });
}

/**
 * Adds the terms to each of `sums`, the first of which has what is at `start` of `values` as its place 0. On the way a sum may leave 32
 * bits: it wraps around and comes back.
 */
export function addTaps(sums: Int32Array, values: Int32Array, start: number, taps: Taps): void {
  for (const [a, b, c, d] of taps) {
    const [atA, atB, atC, atD] = [start + a.at, start + b.at, start + c.at, start + d.at];
    const [weightA, weightB, weightC, weightD] = [a.weight, b.weight, c.weight, d.weight];
    for (let i = 0; i < sums.length; i++) {
      const first = Math.imul(weightA, values[atA + i]!) + Math.imul(weightB, values[atB + i]!);
      const second = Math.imul(weightC, values[atC + i]!) + Math.imul(weightD, values[atD + i]!);
      sums[i] = (sums[i]! + first + second) | 0;
    }
  }
}
