import tf from '../../common/tf.cjs';
import { fail } from '../../common/errors.js';
import { tidyValues } from '../../engine/tidy-values.js';
import type { Network } from '../network.js';
import type { OnnxInput } from './config.js';
import { loadOnnxRuntime, runtimeData, runtimeNumbers } from './onnxruntime.js';
import { readModel } from './parse.js';
import { inputValue } from './picture.js';

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
 * @throws E_ONNX_FILE where onnxruntime does not load the file, as for operations of other domains; E_ONNX_INPUT where onnxruntime refuses the input, as one of a size that the network does not take
 */
export async function verifyOnnx(
  path: string,
  network: Network,
  input: OnnxInput,
  images: tf.Tensor4D,
): Promise<VerifiedOutput[] | undefined> {
  const runtime = await loadOnnxRuntime();
  if (!runtime) return undefined;
  const type = readModel(path).graph.inputs.find(({ name }) => name === input.name)?.type ?? 'float32';
  const fed = tidyValues(() => {
    const tensor = inputValue(images, input, network.input.preprocessing, type).tensor();
    return { shape: tensor.shape, data: tensor.dataSync() as Float32Array | Int32Array };
  });
  const session = await runtime.InferenceSession.create(path).catch((cause: Error) =>
    fail('E_ONNX_FILE', {
      where: path,
      expected: 'a file that onnxruntime loads, to compare with',
      got: cause.message,
      todo: 'The checkpoint is there; leave --verify out.',
      cause,
    }),
  );
  const given = new runtime.Tensor(type, runtimeData(type, fed.data), fed.shape);
  const theirs = await session.run({ [input.name]: given }).catch((cause: Error) =>
    fail('E_ONNX_INPUT', {
      where: path,
      expected: 'a picture that onnxruntime takes',
      got: `an input [${fed.shape}] that it refuses: ${cause.message}`,
      todo: 'State the size that the network takes: --size HxW.',
      cause,
    }),
  );
  const values = Object.entries(theirs).map(([name, output]) => [name, runtimeNumbers(output)] as const);
  return compareOutputs(network, images, new Map(values));
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
