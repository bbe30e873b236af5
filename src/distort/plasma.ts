import type { Random } from '../common/random.js';

/**
 * A cloudy height map by the diamond-square algorithm: from coarse to fine, every new point is the mean of its four neighbours plus a
 * random deviation that shrinks. It continues at its opposite edges.
 *
 * @param size of a side, a power of 2, at least 2
 * @param decay what the square root of the deviation is divided by from one step to the next finer one: a higher one is smoother
 * @returns `[size, size]` in 0..1, both taken
 * @source ImageNet-C's `plasma_fractal`, operation by operation, so that equal draws give an equal map
 */
export function plasma(size: number, decay: number, random: Pick<Random, 'next'>): Float64Array {
  const map = new Float64Array(size ** 2);
  let spread = 100;
  const deviate = (sum: number): number => sum / 4 + spread * (-spread + 2 * spread * random.next());
  for (let step = size; step >= 2; step /= 2, spread /= decay) {
    const half = step / 2;
    const at = (y: number, x: number): number => map[(y & (size - 1)) * size + (x & (size - 1))]!;
    for (let y = 0; y < size; y += step) {
      for (let x = 0; x < size; x += step) {
        const sum = at(y, x) + at(y + step, x) + (at(y, x + step) + at(y + step, x + step));
        map[(y + half) * size + x + half] = deviate(sum);
      }
    }
    for (let y = 0; y < size; y += step) {
      for (let x = half; x < size; x += step) {
        const sum = at(y + half, x) + at(y - half, x) + (at(y, x - half) + at(y, x + half));
        map[y * size + x] = deviate(sum);
      }
    }
    for (let y = half; y < size; y += step) {
      for (let x = 0; x < size; x += step) {
        const sum = at(y, x + half) + at(y, x - half) + (at(y - half, x) + at(y + half, x));
        map[y * size + x] = deviate(sum);
      }
    }
  }
  return normalized(map);
}

function normalized(map: Float64Array): Float64Array {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const height of map) {
    if (height < lowest) lowest = height;
    if (height > highest) highest = height;
  }
  for (let i = 0; i < map.length; i++) map[i] = (map[i]! - lowest) / (highest - lowest);
  return map;
}
