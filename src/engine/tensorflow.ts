import { createRequire } from 'node:module';
import Module from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import type { NativeBackend, NativeBinding } from './native.js';

/** Where an installed native TensorFlow lies. */
export interface NativeFiles {
  /** The compiled addon, `tfjs_binding.node`. */
  binding: string;
  /** The `dist` folder of a `@tensorflow/tfjs-node-gpu`. */
  dist: string;
}

type Resolve = (request: string, ...rest: unknown[]) => string;

/**
 * Loads the native addon and registers tfjs-node's kernels under `tensorflow`, on this process's one copy of TensorFlow.js.
 * The package's own entry is passed by: it would look for an addon beside itself and download one.
 *
 * @throws what `dlopen` says where the library does not load
 */
export function registerTensorflow({ binding, dist }: NativeFiles): void {
  const require = createRequire(import.meta.url);
  // tfjs-node calls a function that Node 23 removed.
  const legacy = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;

  const native = require(binding) as NativeBinding;
  const loader = Module as unknown as { _resolveFilename: Resolve };
  const resolve = loader._resolveFilename;
  const own = { paths: [dirname(require.resolve('@tensorflow/tfjs'))] };
  loader._resolveFilename = (request, ...rest) =>
    request.startsWith('@tensorflow/')
      ? resolve.call(loader, request, null, false, own)
      : resolve.call(loader, request, ...rest);
  try {
    require(join(dist, 'register_all_kernels.js'));
    const { NodeJSKernelBackend } = require(join(dist, 'nodejs_kernel_backend.js')) as {
      NodeJSKernelBackend: new (binding: NativeBinding, name: string) => NativeBackend;
    };
    tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(native, '@tensorflow/tfjs-node-gpu'), 3);
  } finally {
    loader._resolveFilename = resolve;
  }
}
