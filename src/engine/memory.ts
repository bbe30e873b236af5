import tf from '../common/tf.cjs';
import { nativeBackend } from './native.js';

/** What the process and its engine hold. */
export interface MemoryUse {
  /** Bytes of the process in memory now, and at most so far. */
  resident: number;
  peak: number;
  /** Tensors of TensorFlow.js that are not disposed, and the bytes of their values. */
  tensors: number;
  bytes: number;
  /** Tensors that the native library holds; null on other engines. */
  nativeTensors: number | null;
}

/** Compiled graphs hold constants that only `resident` shows. */
export function memoryUse(): MemoryUse {
  const { numTensors, numBytes } = tf.memory();
  return {
    resident: process.memoryUsage.rss(),
    peak: process.resourceUsage().maxRSS * 1024,
    tensors: numTensors,
    bytes: numBytes,
    nativeTensors: nativeBackend()?.binding.getNumOfTensors() ?? null,
  };
}
