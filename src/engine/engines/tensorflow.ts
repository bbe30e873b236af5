import tf from '../../common/tf.cjs';
import { fail } from '../../common/errors.js';
import { bf16Support } from '../cpu.js';
import { locateTensorflow } from '../locate.js';
import type { NativeBackend } from '../native.js';
import { registerTensorflow } from '../tensorflow.js';
import { THREAD_VARIABLES, threadsOfOp } from '../threads.js';
import type { EngineKind, LoadedEngine, LoadOptions } from './kind.js';

let loading: Promise<LoadedEngine> | undefined;

/** TensorFlow's C library: what `gearnn engine install` put into the cache folder. */
export const tensorflow: EngineKind = {
  name: 'tensorflow',
  isInstalled: async () => loading !== undefined || isRegistered() || (await locateTensorflow()) !== null,
  absence: 'TensorFlow is not installed, so wasm computes, several times slower. Run gearnn engine install.',
  async load(options) {
    loading ??= load(options).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    const loaded = await loading;
    if (options.threads !== undefined && options.threads !== loaded.threads) {
      fail('E_ENGINE_STARTED', {
        where: 'engine threads',
        expected: `${loaded.threads}, with which TensorFlow runs in this process already`,
        got: String(options.threads),
        todo: 'Leave the number out, or start another process for it.',
      });
    }
    return loaded;
  },
};

async function load({ threads, verbose }: LoadOptions): Promise<LoadedEngine> {
  let folder: string | undefined;
  // A program may have loaded tfjs-node by itself; its backend is as good.
  if (!isRegistered()) {
    const install =
      (await locateTensorflow()) ??
      fail('E_ENGINE_MISSING', {
        where: 'engine tensorflow',
        expected: 'an installed TensorFlow',
        got: 'none',
        todo: 'Run gearnn engine install, or use --engine wasm.',
      });
    ({ folder } = install);
    const variables = threads === undefined ? [] : THREAD_VARIABLES.map((name) => [name, String(threads)] as const);
    try {
      registerTensorflow({ ...install, verbose, variables });
    } catch (cause) {
      fail('E_ENGINE_START', {
        where: install.binding,
        expected: `a library that Node ${process.versions.node} loads`,
        got: (cause as Error).message.split('\n')[0]!,
        todo: 'Run gearnn engine install --force, which builds it anew for this machine, or use --engine wasm.',
        cause,
      });
    }
  }
  const { binding } = tf.engine().findBackend('tensorflow') as NativeBackend;
  return {
    version: binding.TF_Version,
    threads: threads ?? threadsOfOp(),
    withoutBf16:
      binding.isUsingGpuDevice() || bf16Support().supported
        ? null
        : 'a processor without bf16 instructions (avx512_bf16 or amx_bf16), where bf16 is slower than fp32',
    roundsToBf16: true,
    ...(folder === undefined ? {} : { folder }),
  };
}

function isRegistered(): boolean {
  // Null where there is none, which its type leaves out.
  return Boolean(tf.findBackendFactory('tensorflow') as unknown);
}
