import { zipSync } from 'fflate';
import { encodeNpy, type NpyType } from './npy.js';

/** An array as it goes into a file. */
export interface NpzArray {
  data: ArrayLike<number>;
  shape: readonly number[];
  /** Of the numbers in the file. Default: single precision. */
  type?: NpyType;
}

/**
 * A NumPy archive of arrays by name, as `numpy.load` reads it, stored as they are.
 *
 * @source numpy.savez: a zip with NAME.npy for each
 */
export function encodeNpz(arrays: Readonly<Record<string, NpzArray>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, { data, shape, type }]): [string, Uint8Array] => [
    `${name}.npy`,
    encodeNpy(data, shape, type),
  ]);
  return zipSync(Object.fromEntries(files), { level: 0 });
}
