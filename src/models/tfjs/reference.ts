import * as tf from '@tensorflow/tfjs';
import { readTfjsFile, type TfjsFile } from './file.js';

/**
 * What TensorFlow.js' own executor answers, on the running engine.
 *
 * @param path of `model.json`
 * @param inputs by name; the caller still owns them
 * @param names of the model's outputs, or of a graph's values
 * @returns the outputs in the order of the names, which the caller owns
 */
export async function runTfjs(
  path: string,
  inputs: Record<string, tf.Tensor>,
  names: readonly string[],
): Promise<tf.Tensor[]> {
  // prettier-ignore
  const file = readTfjsFile(path);
  if (file.kind === 'graph') {
    const model = await tf.loadGraphModel(handlerOf(file));
    try {
      return [model.execute(inputs, [...names])].flat();
    } finally {
      model.dispose();
    }
  }
  const { loadLayers, outputNames } = await import('./layers/graph.js');
  const model = await loadLayers(file, path);
  try {
    const results = [model.predict(model.inputNames.map((name) => inputs[name]!))].flat();
    return names.map((name) => results[outputNames(model).indexOf(name)]!);
  } finally {
    model.dispose();
  }
}

function handlerOf({ json, weights }: TfjsFile): tf.io.IOHandler {
  const weightSpecs = json.weightsManifest.flatMap((group) => group.weights) as tf.io.WeightsManifestEntry[];
  const { modelTopology, signature, userDefinedMetadata } = json;
  const artifacts = { modelTopology, weightSpecs, weightData: new Uint8Array(weights.bytes).buffer };
  return { load: async () => ({ ...artifacts, ...({ signature, userDefinedMetadata } as object) }) };
}
