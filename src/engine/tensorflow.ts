import { createRequire } from 'node:module';
import Module from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import tf from '../common/tf.cjs';
import { type HostMemory, setHostMemory, swept } from './host-memory.js';
import { mendKernels } from './kernels/mend.js';
import type { NativeBackend, NativeBinding } from './native.js';

/** Where an installed native TensorFlow lies, and how to load it. */
export interface NativeFiles {
  /** The compiled addon, `tfjs_binding.node`. */
  binding: string;
  /** The `dist` folder of a `@tensorflow/tfjs-node-gpu`. */
  dist: string;
  /** The addon to load first, `gearnn_prepare.node`; without it TensorFlow prints a line while it loads. */
  prepare?: string | null;
  /** Whether it computes on a GPU where there is one. */
  gpu?: boolean;
  /** Lets TensorFlow's messages through. */
  verbose?: boolean;
  /** Of the environment, to set before TensorFlow is loaded: it reads them once. */
  variables?: (readonly [name: string, value: string])[];
}

/** What `gearnn_prepare.node` exports. */
interface Prepare extends Partial<HostMemory> {
  setVariable(name: string, value: string): void;
}

/**
 * Variables that are set where the user has not. TensorFlow itself turns oneDNN on only where the processor has AVX-512 VNNI or newer;
 * on AVX2 it is faster as well, and the only one with gradients of dilated convolutions.
 */
const DEFAULTS = { TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '1' };

/**
 * On a CPU the gradient of CropAndResize adds from several threads into one image and loses some of it, unless ops have to be deterministic. A
 * GPU adds as one should, and refuses the op when they have to.
 */
const ON_CPU = { TF_DETERMINISTIC_OPS: '1' };

type Resolve = (request: string, ...rest: unknown[]) => string;

const require = createRequire(import.meta.url);

/**
 * Loads the native addon and registers tfjs-node's kernels under `tensorflow`, on this process's one copy of TensorFlow.js.
 * The package's own entry is passed by: it would look for an addon beside itself and download one.
 *
 * @throws what `dlopen` says where the library does not load
 */
export function registerTensorflow({
  binding,
  dist,
  prepare,
  gpu = false,
  verbose = false,
  variables = [],
}: NativeFiles): void {
  // tfjs-node calls a function that Node 23 removed.
  const legacy = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;

  if (verbose) process.env.TF_CPP_MIN_LOG_LEVEL = '0';
  const defaults = Object.entries({ ...DEFAULTS, ...(gpu ? {} : ON_CPU) }).map(
    ([name, value]) => [name, process.env[name] ?? value] as const,
  );
  const environment = [...defaults, ...variables];
  // Before either addon: libraries that come along with the first read some of them while they load.
  for (const [name, value] of environment) process.env[name] = value;
  const native = prepare ? (require(prepare) as Prepare) : undefined;
  // A worker thread's process.env is a copy.
  for (const [name, value] of environment) native?.setVariable(name, value);
  const addon = swept(() => require(binding) as NativeBinding, native);
  const { NodeJSKernelBackend } = withOneTensorflowJs(() => {
    require(join(dist, 'register_all_kernels.js'));
    return require(join(dist, 'nodejs_kernel_backend.js')) as {
      NodeJSKernelBackend: new (binding: NativeBinding, name: string) => NativeBackend;
    };
  });
  setHostMemory(native);
  mendKernels();
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(addon, '@tensorflow/tfjs-node-gpu'), 3);
}

/** Makes what `load` requires find this package's TensorFlow.js, wherever it lies itself. */
function withOneTensorflowJs<T>(load: () => T): T {
  const loader = Module as unknown as { _resolveFilename: Resolve };
  const resolve = loader._resolveFilename;
  const own = { paths: [dirname(require.resolve('@tensorflow/tfjs'))] };
  loader._resolveFilename = (request, ...rest) =>
    request.startsWith('@tensorflow/')
      ? resolve.call(loader, request, null, false, own)
      : resolve.call(loader, request, ...rest);
  try {
    return load();
  } finally {
    loader._resolveFilename = resolve;
  }
}
