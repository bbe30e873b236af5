import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import tf from '../../common/tf.cjs';
import { fail } from '../../common/errors.js';
import type { EngineKind } from './kind.js';
import { oneThread } from './one-thread.js';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';
const FILES = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'];

let loading: Promise<string> | undefined;

/** WebAssembly with SIMD: nothing native to install. The package runs it on one thread in Node.js. */
export const wasm: EngineKind = {
  name: 'wasm',
  isInstalled: () => Promise.resolve(true),
  absence: '',
  async load({ threads }) {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return {
      version: await loading,
      threads: 1,
      withoutBf16: 'the wasm engine, which computes in fp32 only',
      roundsToBf16: false,
      notice: oneThread('wasm', threads),
    };
  },
};

async function load(): Promise<string> {
  const { setWasmPaths, version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
  // A program may have started it by itself.
  if ('wasm' in tf.engine().registry) return version_wasm;
  const folder = dirname(createRequire(import.meta.url).resolve(PACKAGE));
  const absent = FILES.find((file) => !existsSync(join(folder, file)));
  if (absent !== undefined) failToStart(`no ${absent} in ${folder}`);
  setWasmPaths(folder + sep);
  // tf.setBackend would print why a backend does not start, and return false; its factory tells us.
  const create = tf.findBackendFactory('wasm') as () => Promise<tf.KernelBackend>;
  const backend = await create().catch((cause: Error) => failToStart(cause.message, cause));
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', () => backend, 2);
  return version_wasm;
}

function failToStart(got: string, cause?: unknown): never {
  fail('E_ENGINE_START', {
    where: 'engine wasm',
    expected: `the WebAssembly files of ${PACKAGE} to load`,
    got,
    todo: 'Run npm install again.',
    cause,
  });
}
