import type * as tf from '@tensorflow/tfjs';
import type { NdArray } from './nd-array.js';

/** One op on inputs of some shapes, with naive loops that say what it gives. The contract suite tests value and gradient on every engine. */
export interface OpCase {
  name: string;
  /** Shapes of the inputs, which are filled with reproducible numbers in -1..1, no two of them equal. */
  shapes: number[][];
  run: (...inputs: tf.Tensor[]) => tf.Tensor;
  /** The same in double precision; its central differences are the gradient. */
  reference: (...inputs: NdArray[]) => NdArray;
}
