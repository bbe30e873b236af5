import { execFileSync } from 'node:child_process';
import * as tf from '@tensorflow/tfjs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOnnx } from '../../../../src/models/onnx/index.js';
import { decodeMessage, type TensorMessage } from '../../../../src/models/onnx/messages.js';
import type { Model } from '../../../../src/models/onnx/model.js';
import { findOp } from '../../../../src/models/onnx/ops/registry.js';
import { readModel } from '../../../../src/models/onnx/parse.js';
import { readTensor } from '../../../../src/models/onnx/tensor-data.js';
import { Value } from '../../../../src/models/onnx/value.js';

/** The backend tests of ONNX: a model, and inputs with the outputs that they should give. */
export interface BackendCase {
  name: string;
  folder: string;
  /** Undefined where the file holds what gearnn does not read. */
  model: Model | undefined;
}

/** Where the data of the tests lie in the package `onnx` of a Python. */
export function dataFolder(python: string): string {
  const find = 'import importlib.util; print(importlib.util.find_spec("onnx").submodule_search_locations[0])';
  return join(execFileSync(python, ['-c', find], { encoding: 'utf8' }).trim(), 'backend/test/data/node');
}

/** All backend tests of operations, sorted by name. @param root `onnx/backend/test/data/node` of the package */
export function backendCases(root: string): BackendCase[] {
  return readdirSync(root)
    .sort()
    .map((name) => {
      const folder = join(root, name);
      let model: Model | undefined;
      try {
        model = readModel(join(folder, 'model.onnx'));
      } catch {
        model = undefined;
      }
      return { name, folder, model };
    });
}

/** Types of values beyond the ones that gearnn reads as numbers, and values that are no tensors. */
export function isExotic({ model }: BackendCase): boolean {
  if (!model) return true;
  const { inputs, outputs } = model.graph;
  return [...inputs, ...outputs].some(({ type }) => type === undefined || type === 'string' || type === 'bfloat16');
}

/** Whether a case is one of numbers that needs only operations that gearnn has. */
export function isCore(one: BackendCase): boolean {
  return !isExotic(one) && one.model!.graph.nodes.every(({ domain, op }) => findOp(domain, op));
}

/**
 * Runs a case as ONNX's own runner does.
 *
 * @returns what is wrong with it; undefined for a case that passes
 * @source onnx 1.22.0, backend/test/runner: relative tolerance 1e-3, absolute 1e-7
 */
export async function failureOf({ folder, model }: BackendCase): Promise<string | undefined> {
  if (!model) return 'not read';
  for (let set = 0; existsSync(join(folder, `test_data_set_${set}`)); set++) {
    const data = join(folder, `test_data_set_${set}`);
    const inputs: Record<string, tf.Tensor> = {};
    let outputs: Record<string, tf.Tensor> = {};
    try {
      model.graph.inputs.forEach(({ name }, i) => {
        const path = join(data, `input_${i}.pb`);
        if (existsSync(path)) inputs[name] = readValue(path).tensor();
      });
      outputs = await runOnnx(join(folder, 'model.onnx'), inputs);
      for (const [i, { name }] of model.graph.outputs.entries()) {
        const difference = compare(outputs[name]!, readValue(join(data, `output_${i}.pb`)));
        if (difference) return `${name}: ${difference}`;
      }
    } catch (error) {
      return (error as Error).message;
    } finally {
      tf.dispose([outputs, inputs]);
    }
  }
  return undefined;
}

export function readValue(path: string): Value {
  const message = decodeMessage<TensorMessage>('TensorProto', readFileSync(path));
  const { type, shape, data } = readTensor(message, () => {
    throw new Error('no external data in a test');
  });
  return Value.ofHost(type, shape, data);
}

function compare(actual: tf.Tensor, expected: Value): string | undefined {
  if (actual.shape.join() !== expected.shape.join()) return `shape [${actual.shape}] instead of [${expected.shape}]`;
  const [got, wanted] = [actual.dataSync(), expected.data()];
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [got[i]!, wanted[i]!];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    if (!(Math.abs(a - b) <= 1e-7 + 1e-3 * Math.abs(b))) return `value ${i} is ${a} instead of ${b}`;
  }
  return undefined;
}
