import tf from '../../common/tf.cjs';
import type { EngineKind } from './kind.js';
import { oneThread } from './one-thread.js';

/** TensorFlow.js' own kernels in plain JavaScript: slow, everywhere, and the reference that the other engines are compared with. */
export const cpu: EngineKind = {
  name: 'cpu',
  isInstalled: () => Promise.resolve(true),
  absence: '',
  load({ threads, verbose }) {
    const backend = tf.engine().findBackend('cpu') as tf.KernelBackend & { firstUse: boolean };
    // On its first use it recommends tfjs-node, which is what gearnn's tensorflow engine is.
    if (!verbose) backend.firstUse = false;
    return Promise.resolve({
      version: tf.version['tfjs-core'],
      threads: 1,
      withoutBf16: 'the cpu engine, which computes in fp32 only',
      roundsToBf16: false,
      notice: oneThread('cpu', threads),
    });
  },
};
