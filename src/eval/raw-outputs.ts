import type * as tf from '@tensorflow/tfjs';
import { encodeNpz } from '../common/npz.js';
import { tidyValues } from '../engine/tidy-values.js';
import type { Network } from '../models/network.js';

/**
 * Every output of a network for pictures, as a NumPy archive: those of an ONNX file under their names there, in their shapes.
 *
 * @param images `[batch, height, width, 3]`, 0..255
 */
export function rawOutputs(network: Network, images: tf.Tensor4D): { names: string[]; bytes: Uint8Array } {
  return tidyValues(() => {
    const outputs = Object.entries(network.raw ? network.raw(images) : network.forward(images));
    const arrays = outputs.map(([name, tensor]) => {
      const data = Float32Array.from(tensor.dataSync());
      return [name, { data, shape: tensor.shape }] as const;
    });
    return { names: outputs.map(([name]) => name), bytes: encodeNpz(Object.fromEntries(arrays)) };
  });
}
