import type tf from '../common/tf.cjs';
import { isNpyType } from '../common/npy.js';
import { encodeNpz, type NpzArray } from '../common/npz.js';
import { tidyValues } from '../engine/tidy-values.js';
import type { Network, RawOutput } from '../models/network.js';

/**
 * Every output of a network for pictures, as a NumPy archive: those of an ONNX file under their names there, in their shapes, whole numbers and
 * truth values in their types; floats of every width as fp32, in which they are computed.
 *
 * @param images `[batch, height, width, 3]`, 0..255
 */
export function rawOutputs(network: Network, images: tf.Tensor4D): { names: string[]; bytes: Uint8Array } {
  return tidyValues(() => {
    const outputs = network.raw?.(images) ?? floats(network.forward(images));
    const arrays = Object.entries(outputs).map(([name, { tensor, type }]): [string, NpzArray] => [
      name,
      { data: tensor.dataSync(), shape: tensor.shape, type: isNpyType(type) ? type : 'float32' },
    ]);
    return { names: Object.keys(outputs), bytes: encodeNpz(Object.fromEntries(arrays)) };
  });
}

function floats(tensors: tf.NamedTensorMap): Record<string, RawOutput> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, { tensor, type: 'float32' }]));
}
