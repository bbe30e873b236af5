import { answerValue, type AnswerValue } from './answer.js';
import type { OnnxSource } from './config.js';
import { OnnxGraph } from './graph.js';
import { parametersOf, type OnnxParameters } from './parameters.js';
import { readModel } from './parse.js';

/** A file read as a network, without an engine. */
export interface OpenedOnnx extends OnnxParameters {
  graph: OnnxGraph;
  /** The values that it is run for. */
  answers: AnswerValue[];
}

/** @throws E_ONNX_FILE, E_ONNX_EXTERNAL, E_ONNX_GRAPH, E_ONNX_OPS, E_ONNX_QUANTIZED */
export function openOnnx({ path, compare, task, answer }: OnnxSource): OpenedOnnx {
  const model = readModel(path);
  const answers = compare.map((name): AnswerValue =>
    task === 'features' ? { name, holds: 'logits' } : answerValue(model.graph, name, answer),
  );
  const graph = new OnnxGraph(
    model,
    answers.map(({ name }) => name),
  );
  return { graph, answers, ...parametersOf(model.graph, graph.nodes, graph.outputs) };
}
