import { zipSync } from 'fflate';
import { encodeNpy } from './npy.js';

/** An array as it goes into a file. */
export interface NpzArray {
  data: Float32Array;
  shape: readonly number[];
}

/**
 * A NumPy archive of arrays by name, as `numpy.load` reads it, stored as they are.
 *
 * @source numpy.savez: a zip with NAME.npy for each
 */
export function encodeNpz(arrays: Readonly<Record<string, NpzArray>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, { data, shape }]): [string, Uint8Array] => [
    `${name}.npy`,
    encodeNpy(data, shape),
  ]);
  return zipSync(Object.fromEntries(files), { level: 0 });
}
