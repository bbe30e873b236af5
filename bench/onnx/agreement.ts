import * as tf from '@tensorflow/tfjs';
import { compile, startEngine } from '../../src/engine/index.js';
import { compileOnnx } from '../../src/models/onnx/compile-onnx.js';
import { OnnxGraph } from '../../src/models/onnx/graph.js';
import { readModel } from '../../src/models/onnx/parse.js';
import { inputValues } from '../../src/models/onnx/run-onnx.js';
import { Value } from '../../src/models/onnx/value.js';
import '../../src/ops/index.js';
import { difference, readReference, toTensors, type Reference } from './reference.js';

/** An ONNX file, compiled, with the inputs of its reference. */
export interface Loaded {
  path: string;
  reference: Reference;
  /** One forward pass; the caller owns the outputs. */
  forward: () => Record<string, tf.Tensor>;
  dispose: () => void;
}

/** Reads an ONNX file and its reference; compiles the network with the first forward pass. */
export async function loadNetwork(path: string, engine?: 'tensorflow' | 'wasm' | 'cpu'): Promise<Loaded> {
  await startEngine({ engine });
  const network = await compileOnnx(path);
  const reference = readReference(path);
  const inputs = toTensors(reference.inputs);
  const dispose = (): void => {
    network.dispose();
    tf.dispose(inputs);
  };
  return { path, reference, forward: () => network.run(inputs), dispose };
}

/** The largest difference of all outputs from the reference's, each as a part of the output's largest value. */
export function compare({ reference, forward }: Loaded): number {
  const outputs = forward();
  const differences = [...reference.outputs].map(([name, { data }]) => difference(outputs[name]!.dataSync(), data));
  tf.dispose(outputs);
  return Math.max(...differences);
}

/** The largest difference of each gradient that the reference has, by the name of its weight, as a part of the gradient's largest value. */
export function compareGradients({ path, reference }: Loaded): Record<string, number> {
  const names = [...reference.gradients.keys()];
  if (names.length === 0) return {};
  const graph = new OnnxGraph(readModel(path));
  const initializers = names.map((name) => graph.model.graph.initializers.get(name)!);
  const weights = initializers.map(({ data, shape }) => tf.tensor(data as Float32Array, shape));
  const inputNames = [...reference.inputs.keys()];
  const inputs = Object.values(toTensors(reference.inputs));
  const step = compile((...given: tf.Tensor[]) => {
    const pictures = named(inputNames, given.slice(weights.length));
    const loss = (...replaced: tf.Tensor[]): tf.Scalar => {
      const outputs = Object.values(answer(graph, pictures, named(names, replaced)));
      return tf.addN(outputs.map((output) => tf.mean(tf.square(output)))).asScalar();
    };
    return tf.grads(loss)(given.slice(0, weights.length));
  });
  const gradients = step(...weights, ...inputs);
  const differences = Object.fromEntries(
    names.map((name, i) => [name, difference(gradients[i]!.dataSync(), reference.gradients.get(name)!.data)]),
  );
  step.dispose();
  tf.dispose([weights, inputs, gradients]);
  return differences;
}

/** Outputs by name, of the inputs and of weights that stand in for the file's. */
function answer(
  graph: OnnxGraph,
  inputs: Record<string, tf.Tensor>,
  weights: Record<string, tf.Tensor> = {},
): Record<string, tf.Tensor> {
  const given = inputValues(graph.model.graph.inputs, inputs);
  for (const [name, tensor] of Object.entries(weights)) given.set(name, Value.of('float32', tensor));
  return Object.fromEntries([...graph.run(given)].map(([name, value]) => [name, tf.clone(value.tensor())]));
}

function named(names: readonly string[], tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
}
