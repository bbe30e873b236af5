import type { StateShape, StateDict } from '../../../src/models/state-dict.js';
import { bilinearKernel } from '../../../src/ops/index.js';

/**
 * `count` numbers in [0, 1), multiples of 2^-24, from a hash of the name (FNV-1a) and the index (lowbias32).
 * scripts/fixtures/drn.py computes the same, so fixtures need not hold weights and images.
 */
export function uniform(name: string, count: number): Float64Array {
  let seed = 2166136261;
  for (const byte of Buffer.from(name)) seed = Math.imul(seed ^ byte, 16777619);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let x = (seed + i) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    values[i] = ((x ^ (x >>> 16)) >>> 8) / 2 ** 24;
  }
  return values;
}

/** Weights and running statistics for a network, in the reference's layout. */
export function formulaState(network: readonly StateShape[]): StateDict {
  return new Map(
    network.map(({ name, role, shape }) => {
      if (role === 'fixed') return [name, { shape, data: bilinearKernel(shape[0]!) }];
      const size = shape.reduce((product, side) => product * side, 1);
      return [name, { shape, data: Float32Array.from(uniform(name, size), valueOf(name, shape)) }];
    }),
  );
}

function valueOf(name: string, shape: number[]): (u: number) => number {
  if (shape.length > 1) {
    const scale = Math.sqrt(6 / shape.slice(1).reduce((product, side) => product * side, 1));
    return (u) => (2 * u - 1) * scale;
  }
  if (name.endsWith('running_var')) return (u) => 0.5 + u;
  if (name.endsWith('weight')) return (u) => 0.25 + 0.5 * u;
  return (u) => 0.5 * (2 * u - 1);
}

/** Normalized images in -2..2 and labels of `classes` classes, some of them 255, as flat arrays; images `[batch, 3, height, width]`. */
export function formulaBatch([batch, height, width]: [number, number, number], classes: number) {
  const images = Float32Array.from(uniform('images', batch * 3 * height * width), (u) => 4 * u - 2);
  const labels = Int32Array.from(uniform('labels', batch * height * width), (u) => {
    const id = Math.floor(u * (classes + 1));
    return id === classes ? 255 : id;
  });
  return { images, labels };
}
