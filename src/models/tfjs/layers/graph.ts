import tf from '../../../common/tf.cjs';
import { fail } from '../../../common/errors.js';
import type { Constant } from '../../onnx/model.js';
import type { GraphDef, Shape } from '../graph-def.js';
import type { TfjsFile } from '../file.js';
import { LayerCall, LayersGraph, type KerasLayer } from './layer.js';
import { layerTranslation } from './registry.js';

/** A model of layers, as TensorFlow.js reads it. @throws E_TFJS_FILE for what it does not read */
export async function loadLayers({ json, weights }: TfjsFile, path: string): Promise<tf.LayersModel> {
  const weightSpecs = json.weightsManifest.flatMap((group) => group.weights) as tf.io.WeightsManifestEntry[];
  const weightData = new Uint8Array(weights.bytes).buffer;
  try {
    const model = await tf.loadLayersModel({ load: async () => ({ modelTopology: json.modelTopology, weightSpecs, weightData }) }); // prettier-ignore
    // Before, it does not know its outputs.
    if (model instanceof tf.Sequential) model.build();
    return model;
  } catch (error) {
    return fail('E_TFJS_FILE', {
      where: path,
      expected: 'layers that TensorFlow.js has',
      got: (error as Error).message.replace(/\.$/, ''),
      todo: 'Convert the model to a GraphModel, which has no classes of layers.',
      cause: error,
    });
  }
}

/** A symbolic tensor of TensorFlow.js, with what it does not declare. */
type Symbolic = tf.SymbolicTensor & { sourceLayer: KerasLayer; nodeIndex: number; tensorIndex: number };
/** A model among the layers of another. */
type Container = KerasLayer & { layers: KerasLayer[]; inputs: Symbolic[]; outputs: Symbolic[] };

/**
 * The operations that a model's layers are made of. A layer that is not translated stays as a node of its class's name.
 *
 * @throws E_TFJS_FILE
 */
export async function graphOfLayers(
  file: TfjsFile,
  path: string,
): Promise<{ graph: GraphDef; weights: Map<string, Constant> }> {
  // prettier-ignore
  const model = await loadLayers(file, path);
  try {
    const graph = new LayersGraph();
    const known = new Map<string, string>();
    for (const input of model.inputs as Symbolic[]) {
      const name = input.sourceLayer.name;
      graph.input(name, input.dtype, shapeOf(input));
      known.set(keyOf(input), name);
    }
    const outputs = (model.outputs as Symbolic[]).map((output) => valueOf(graph, known, output));
    outputNames(model).forEach((name, i) => {
      graph.node('Identity', name, [outputs[i]!]);
      graph.graph.outputs.set(name, shapeOf(model.outputs[i]!));
    });
    return { graph: graph.graph, weights: graph.weights };
  } finally {
    model.dispose();
  }
}

/** Names of a model's outputs, of which several may come from one layer. */
export function outputNames({ outputNames: names }: tf.LayersModel): string[] {
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name}_${i}`));
}

/**
 * Adds what a value of the model is computed from.
 *
 * @param known names of values that are there, of this model
 */
function valueOf(graph: LayersGraph, known: Map<string, string>, output: Symbolic): string {
  const stack = [output];
  while (stack.length > 0) {
    const tensor = stack.at(-1)!;
    const inputs = inputsOf(tensor);
    const missing = inputs.filter((one) => !known.has(keyOf(one)));
    if (missing.length > 0) {
      stack.push(...missing);
      continue;
    }
    stack.pop();
    if (known.has(keyOf(tensor))) continue;
    const names = inputs.map((one) => known.get(keyOf(one))!);
    known.set(keyOf(tensor), applied(graph, tensor, inputs, names));
  }
  return known.get(keyOf(output))!;
}

function applied(graph: LayersGraph, tensor: Symbolic, inputs: readonly Symbolic[], names: string[]): string {
  const { sourceLayer: layer, nodeIndex, tensorIndex } = tensor;
  if (isContainer(layer)) {
    const inside = new Map(layer.inputs.map((input, i) => [keyOf(input), names[i]!]));
    return valueOf(graph, inside, layer.outputs[tensorIndex]!);
  }
  const name = nodeIndex === 0 ? layer.name : `${layer.name}_use${nodeIndex}`;
  const call = new LayerCall(graph, layer, name, shapeOf(inputs[0]!), shapeOf(tensor));
  const className = layer.getClassName();
  return layerTranslation(className)?.(call, ...names) ?? graph.node(className, name, names);
}

function inputsOf({ sourceLayer, nodeIndex }: Symbolic): Symbolic[] {
  const nodes = sourceLayer.inboundNodes as unknown as { inputTensors: Symbolic[] }[];
  const { inputTensors } = nodes[nodeIndex]!;
  // An input's node names the input itself.
  return sourceLayer.getClassName() === 'InputLayer' ? [] : inputTensors;
}

function isContainer(layer: KerasLayer): layer is Container {
  return Array.isArray(layer['layers']);
}

function keyOf({ sourceLayer, nodeIndex, tensorIndex }: Symbolic): string {
  return `${sourceLayer.name}:${nodeIndex}:${tensorIndex}`;
}

function shapeOf({ shape }: { shape: (number | null)[] }): Shape {
  return shape.map((side) => side ?? undefined);
}
