import tf from '../../common/tf.cjs';
import { PADDED_KERNELS, withNumberPadding } from './conv-padding.js';
import { gatherKernel } from './gather.js';

/** Replaces kernels of tfjs-node, just registered under `tensorflow`, by ones without their faults. */
export function mendKernels(): void {
  for (const name of PADDED_KERNELS) replace(withNumberPadding(tf.getKernel(name, 'tensorflow')));
  replace(gatherKernel);
}

/** Registering over a kernel would print a warning. */
function replace(kernel: tf.KernelConfig): void {
  tf.unregisterKernel(kernel.kernelName, 'tensorflow');
  tf.registerKernel(kernel);
}
