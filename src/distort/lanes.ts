import type { Simd } from './simd.js';
import { addTaps, inFours, type Tap } from './taps.js';

/** Arrays of 32-bit numbers and what is done with them: by four where there is a {@link Simd}, else one by one. */
export interface Lanes {
  arrays: Int32Array[];
  /** Sums of two of the arrays. */
  addRows(target: Int32Array, a: Int32Array, b: Int32Array): void;
  /** One for each list of taps: adds them to the first `length` of an array, taken of another. */
  adders: ((sums: Int32Array, values: Int32Array) => void)[];
}

/** Numbers that are done together. */
const BLOCK = 16;

/**
 * @param count of arrays, all filled with 0; they are good until the next call
 * @param length of what taps are added to
 * @param taps lists of them, as `addTaps` has it
 * @param simd what computes; null for plain JavaScript
 */
export function openLanes(count: number, length: number, taps: readonly (readonly Tap[])[], simd: Simd | null): Lanes {
  const reach = Math.max(0, ...taps.flat().map(({ at }) => at));
  const whole = BLOCK * Math.ceil(length / BLOCK);
  const each = whole + BLOCK * Math.ceil(reach / BLOCK);
  if (simd === null) {
    const fours = taps.map((list) => inFours(list));
    return {
      arrays: Array.from({ length: count }, () => new Int32Array(each)),
      addRows: (target, a, b) => {
        for (let i = 0; i < target.length; i++) target[i] = (a[i]! + b[i]!) | 0;
      },
      adders: fours.map((list) => (sums, values) => addTaps(sums.subarray(0, length), values, 0, list)),
    };
  }
  const bytes = 4 * count * each + 8 * taps.flat().length;
  const missing = bytes - simd.memory.buffer.byteLength;
  if (missing > 0) simd.memory.grow(Math.ceil(missing / 2 ** 16));
  const numbers = new Int32Array(simd.memory.buffer, 0, bytes / 4).fill(0);
  let end = count * each;
  return {
    arrays: Array.from({ length: count }, (_, i) => numbers.subarray(i * each, (i + 1) * each)),
    addRows: (target, a, b) =>
      simd.addRows(target.byteOffset, target.byteOffset + 4 * each, a.byteOffset, b.byteOffset),
    adders: taps.map((list) => {
      const begin = 4 * end;
      for (const { at, weight } of list) {
        numbers.set([4 * at, weight], end);
        end += 2;
      }
      const stop = 4 * end;
      return list.length === 0
        ? () => undefined
        : (sums, values) => simd.addTaps(sums.byteOffset, sums.byteOffset + 4 * whole, values.byteOffset, begin, stop);
    }),
  };
}
