import { machineSize } from './cpu.js';

/** What TensorFlow reads its threads from, once, when its library is loaded: within an op, and between ops. */
export const THREAD_VARIABLES = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'] as const;

/** Threads that TensorFlow computes an op with. */
export function threadsOfOp(): number {
  const set = Number(process.env[THREAD_VARIABLES[0]]);
  return set > 0 ? set : machineSize().threads;
}
