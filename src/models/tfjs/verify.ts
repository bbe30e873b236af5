import tf from '../../common/tf.cjs';
import { tidyValues } from '../../engine/tidy-values.js';
import type { Network } from '../network.js';
import type { OnnxInput } from '../onnx/config.js';
import { readModel } from '../onnx/parse.js';
import { inputValue } from '../onnx/picture.js';
import { compareOutputs, type VerifiedOutput } from '../onnx/verify.js';
import { runTfjs } from './reference.js';

/**
 * Compares a network's outputs for a picture with those that TensorFlow.js' own executor gives for the same input.
 *
 * @param path of `model.json`
 * @param onnx path of the ONNX file that was made of it
 * @param images `[1, height, width, 3]`, 0..255
 */
export async function verifyTfjs(
  { path, onnx }: { path: string; onnx: string },
  network: Network,
  input: OnnxInput,
  images: tf.Tensor4D,
): Promise<VerifiedOutput[]> {
  const type = readModel(onnx).graph.inputs.find(({ name }) => name === input.name)?.type ?? 'float32';
  const fed = tf.tidy(() => inputValue(images, input, network.input.preprocessing, type).tensor());
  const names = tidyValues(() => Object.keys(network.raw!(images)));
  const theirs = await runTfjs(path, { [input.name]: fed }, names);
  try {
    const values = names.map((name, i): [string, ArrayLike<number>] => [name, theirs[i]!.dataSync()]);
    return compareOutputs(network, images, new Map(values));
  } finally {
    tf.dispose([fed, theirs]);
  }
}
