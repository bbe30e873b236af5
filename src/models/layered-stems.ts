import tf from '../common/tf.cjs';
import { BatchNorm } from './layers.js';
import type { Network } from './network.js';
import { placesOf } from './stem-places.js';

/**
 * The normalizations that nothing but layers without one lies before, and what they put out.
 *
 * @param model of normalized pixels, whose weights stay its own
 * @param normalized images `[batch, height, width, 3]` in 0..255 as the model takes them
 */
export function layeredStems(
  model: tf.LayersModel,
  normalized: (images: tf.Tensor4D) => tf.Tensor4D,
): NonNullable<Network['stems']> {
  const norms = firstNorms(model);
  const layers = norms.map((norm) => {
    const nameOf = (role: string): string => norm.named().find((one) => one.role === role)!.name;
    return { scale: nameOf('scale'), shift: nameOf('shift') };
  });
  return {
    layers,
    run: (images) =>
      tf.tidy(() => {
        const part = tf.model({
          inputs: model.inputs,
          outputs: norms.map(({ output }) => output as tf.SymbolicTensor),
        });
        return [part.apply(normalized(images)) as tf.Tensor | tf.Tensor[]].flat().map(placesOf);
      }),
  };
}

function firstNorms(model: tf.LayersModel): BatchNorm[] {
  /** Values that depend on no normalization. */
  const early = new Set<tf.SymbolicTensor>(model.inputs);
  const norms: BatchNorm[] = [];
  for (const layer of model.layers) {
    for (const { inputTensors, outputTensors } of layer.inboundNodes) {
      if (!inputTensors.every((input) => early.has(input))) continue;
      if (layer instanceof BatchNorm) norms.push(layer);
      else for (const output of outputTensors) early.add(output);
    }
  }
  return norms;
}
