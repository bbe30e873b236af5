import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decodeHalf, encodeHalf } from '../half.js';
import type { ElementType } from './types.js';

/** Numbers as onnxruntime-node takes and gives them: halves as their bits, where JavaScript has no type for them. */
type RuntimeData = Float32Array | Float64Array | Uint8Array | Uint16Array | Int32Array | BigInt64Array;

/** As much of the package onnxruntime-node as is used. */
export interface OnnxRuntime {
  Tensor: new (type: string, data: RuntimeData, shape: readonly number[]) => object;
  InferenceSession: {
    create(path: string): Promise<{ run(feeds: Record<string, object>): Promise<Record<string, RuntimeOutput>> }>;
  };
}

export interface RuntimeOutput {
  type: string;
  data: ArrayLike<number | bigint>;
}

const PACKAGE = 'onnxruntime-node';

/**
 * The package onnxruntime-node, which is not among gearnn's dependencies: as gearnn itself finds it, else as programs in the working folder do,
 * for a gearnn that npx or a global install has put elsewhere.
 *
 * @returns undefined where neither finds it
 */
export async function loadOnnxRuntime(folder = process.cwd()): Promise<OnnxRuntime | undefined> {
  return (await imported(PACKAGE)) ?? (await imported(resolvedFrom(folder)));
}

async function imported(specifier: string | undefined): Promise<OnnxRuntime | undefined> {
  if (specifier === undefined) return undefined;
  try {
    const loaded = (await import(specifier)) as OnnxRuntime & { default?: OnnxRuntime };
    return loaded.default ?? loaded;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function resolvedFrom(folder: string): string | undefined {
  try {
    return pathToFileURL(createRequire(join(folder, 'any.js')).resolve(PACKAGE)).href;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The engine's numbers in the type that the file's input has. */
export function runtimeData(type: ElementType, data: Float32Array | Int32Array | Uint8Array): RuntimeData {
  switch (type) {
    case 'float16':
      return encodeHalf(Float32Array.from(data));
    case 'float64':
      return Float64Array.from(data);
    case 'uint8':
      return Uint8Array.from(data);
    case 'int64':
      return BigInt64Array.from([...data], (value) => BigInt(value));
    default:
      return data;
  }
}

/** An output's values as plain numbers. */
export function runtimeNumbers({ type, data }: RuntimeOutput): number[] {
  return Array.from(type === 'float16' && data instanceof Uint16Array ? decodeHalf(data) : data, Number);
}
