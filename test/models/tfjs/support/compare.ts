import * as tf from '@tensorflow/tfjs';
import '../../../../src/ops/index.js';
import { OnnxGraph } from '../../../../src/models/onnx/graph.js';
import { inputValues } from '../../../../src/models/onnx/run-onnx.js';
import { readTfjs } from '../../../../src/models/tfjs/read.js';
import { runTfjs } from '../../../../src/models/tfjs/reference.js';
import { expectTensor } from '../../../support/engines.js';
import type { Numbers } from './build.js';

/**
 * Expects gearnn to give what TensorFlow.js' own executor gives, shapes and types included.
 *
 * @param relative largest difference as a part of the largest value
 */
export async function expectSame(file: string, given: Record<string, Numbers>, relative: number): Promise<void> {
  const inputs = toTensors(given);
  const { model } = await readTfjs(file);
  const graph = new OnnxGraph(model);
  const own = tf.tidy(() => {
    const values = graph.run(inputValues(model.graph.inputs, inputs));
    return [...values.values()].map((value) => tf.clone(value.tensor()));
  });
  const theirs = await runTfjs(file, inputs, graph.outputs);
  try {
    graph.outputs.forEach((name, i) => expectTensor(own[i]!, theirs[i]!, relative, name));
  } finally {
    tf.dispose([inputs, own, theirs]);
  }
}

export function toTensors(given: Record<string, Numbers>): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(given).map(([name, { values, shape, dtype }]) => [name, tf.tensor(values, shape, dtype)]),
  );
}
