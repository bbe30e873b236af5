import tf from '../../common/tf.cjs';
import { fail } from '../../common/errors.js';
import { tidyValues } from '../../engine/tidy-values.js';
import type { Network } from '../network.js';
import type { OnnxInput } from './config.js';
import { readModel } from './parse.js';
import { inputValue } from './picture.js';
import { engineType } from './value.js';

/** As much of the package onnxruntime-node as is used. */
interface Runtime {
  Tensor: new (type: string, data: Float32Array | Uint8Array | Int32Array, shape: readonly number[]) => object;
  InferenceSession: {
    create(
      path: string,
    ): Promise<{ run(feeds: Record<string, object>): Promise<Record<string, { data: ArrayLike<number | bigint> }>> }>;
  };
}

/** How far an output lies from another runtime's. */
export interface VerifiedOutput {
  name: string;
  /** Largest difference of any number. */
  difference: number;
  /** Largest number of the other's, by its absolute value. */
  largest: number;
}

/**
 * Compares a network's outputs for a picture with onnxruntime's, which is given the same input.
 *
 * @param path of the file
 * @param images `[1, height, width, 3]`, 0..255
 * @returns undefined where the package onnxruntime-node is not installed
 */
export async function verifyOnnx(
  path: string,
  network: Network,
  input: OnnxInput,
  images: tf.Tensor4D,
): Promise<VerifiedOutput[] | undefined> {
  const runtime = await loadRuntime();
  if (!runtime) return undefined;
  const type = readModel(path).graph.inputs.find(({ name }) => name === input.name)?.type ?? 'float32';
  const fed = tidyValues(() => {
    const tensor = inputValue(images, input, network.input.preprocessing, type).tensor();
    return { shape: tensor.shape, data: tensor.dataSync() as Float32Array | Int32Array };
  });
  const data = engineType(type) === 'float32' ? fed.data : type === 'uint8' ? Uint8Array.from(fed.data) : fed.data;
  const session = await runtime.InferenceSession.create(path);
  const theirs = await session.run({ [input.name]: new runtime.Tensor(type, data, fed.shape) }).catch((cause: Error) =>
    fail('E_ONNX_INPUT', {
      where: path,
      expected: 'a picture that onnxruntime takes',
      got: `an input [${fed.shape}] that it refuses: ${cause.message}`,
      todo: 'State the size that the network takes: --size HxW.',
      cause,
    }),
  );
  return compareOutputs(network, images, new Map(Object.entries(theirs).map(([name, { data }]) => [name, Array.from(data, Number)]))); // prettier-ignore
}

/** How far a network's outputs for a picture lie from another runtime's, by name. */
export function compareOutputs(
  network: Network,
  images: tf.Tensor4D,
  theirs: ReadonlyMap<string, ArrayLike<number>>,
): VerifiedOutput[] {
  return tidyValues(() =>
    Object.entries(network.raw!(images)).map(([name, { tensor }]) => {
      const [own, other] = [tensor.dataSync(), Array.from(theirs.get(name)!)];
      return {
        name,
        difference: other.reduce((most, value, i) => Math.max(most, Math.abs(value - own[i]!)), 0),
        largest: other.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
      };
    }),
  );
}

async function loadRuntime(): Promise<Runtime | undefined> {
  // Optional, and not among gearnn's own dependencies.
  const name = 'onnxruntime-node';
  try {
    const loaded = (await import(name)) as Runtime & { default?: Runtime };
    return loaded.default ?? loaded;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
