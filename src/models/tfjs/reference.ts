import tf from '../../common/tf.cjs';
import { readTfjsFile, type TfjsFile } from './file.js';
import { loadLayers, outputNames } from './layers/graph.js';

/** A model in TensorFlow.js' own executor. */
export interface TfjsReference {
  /**
   * @param inputs by name; the caller still owns them
   * @param names of the model's outputs, or of a graph's values
   * @returns the outputs in the order of the names, which the caller owns
   */
  run(inputs: Record<string, tf.Tensor>, names: readonly string[]): tf.Tensor[];
  dispose(): void;
}

/** Reads a model as TensorFlow.js does, onto the running engine. @param path of `model.json` */
export async function openReference(path: string): Promise<TfjsReference> {
  const file = readTfjsFile(path);
  if (file.kind === 'graph') {
    const model = await tf.loadGraphModel(handlerOf(file));
    return { run: (inputs, names) => [model.execute(inputs, [...names])].flat(), dispose: () => model.dispose() };
  }
  const model = await loadLayers(file, path);
  return {
    run: (inputs, names) => {
      const results = [model.predict(model.inputNames.map((name) => inputs[name]!))].flat();
      return names.map((name) => results[outputNames(model).indexOf(name)]!);
    },
    dispose: () => void model.dispose(),
  };
}

/** As {@link openReference}, for one answer. */
export async function runTfjs(
  path: string,
  inputs: Record<string, tf.Tensor>,
  names: readonly string[],
): Promise<tf.Tensor[]> {
  const reference = await openReference(path);
  try {
    return reference.run(inputs, names);
  } finally {
    reference.dispose();
  }
}

function handlerOf({ json, weights }: TfjsFile): tf.io.IOHandler {
  const weightSpecs = json.weightsManifest.flatMap((group) => group.weights) as tf.io.WeightsManifestEntry[];
  const { modelTopology, signature, userDefinedMetadata } = json;
  const artifacts = { modelTopology, weightSpecs, weightData: new Uint8Array(weights.bytes).buffer };
  return { load: async () => ({ ...artifacts, ...({ signature, userDefinedMetadata } as object) }) };
}
