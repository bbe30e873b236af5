import * as tf from '@tensorflow/tfjs';
import { fail } from '../common/errors.js';
import { locateTensorflow } from './locate.js';
import { setEnginePrecision, type Precision } from './precision.js';
import { registerTensorflow } from './tensorflow.js';

export type EngineName = 'tensorflow' | 'wasm' | 'cpu';

export interface EngineOptions {
  /** Default: tensorflow where it is installed, else wasm. */
  engine?: EngineName;
  /** Arithmetic of compiled graphs. Default fp32. */
  precision?: Precision;
  /** Threads within an op; default: one per core. Takes effect only before the engine's first start in a process. */
  threads?: number;
  /** Lets TensorFlow's start-up messages through. */
  verbose?: boolean;
}

export interface Engine {
  name: EngineName;
  /** Of the native library, or of the TensorFlow.js package. */
  version: string;
  precision: Precision;
  threads: number;
}

/** Minimal start: see the file's later commits. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const install = await locateTensorflow();
  if (!install)
    fail('E_ENGINE_MISSING', {
      where: 'engine',
      expected: 'an installed TensorFlow',
      got: 'none',
      todo: 'Run gearnn engine install.',
    });
  process.env.TF_CPP_MIN_LOG_LEVEL ??= options.verbose ? '0' : '3';
  registerTensorflow(install);
  await tf.setBackend('tensorflow');
  setEnginePrecision(options.precision ?? 'fp32');
  return { name: 'tensorflow', version: install.version, precision: options.precision ?? 'fp32', threads: 2 };
}
