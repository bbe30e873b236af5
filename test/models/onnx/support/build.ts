import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageType } from '../../../../src/models/onnx/messages.js';
import type { Model } from '../../../../src/models/onnx/model.js';
import { parseModel } from '../../../../src/models/onnx/parse.js';

/** ONNX's numbers of the types of values. */
export const TYPES = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  half: 10,
  double: 11,
  uint64: 13,
  bfloat: 16,
};

type Attribute = number | number[] | string | { tensor: object } | { graph: GraphParts };

export interface NodeParts {
  op: string;
  inputs?: string[];
  outputs?: string[];
  name?: string;
  domain?: string;
  attributes?: Record<string, Attribute>;
}

export interface GraphParts {
  nodes: NodeParts[];
  /** TensorProto messages. */
  initializers?: object[];
  /** Shapes by name, of floats. */
  inputs?: Record<string, (number | string)[]>;
  outputs?: string[];
}

/** A tensor message of floats. */
export function floats(name: string, dims: number[], values: number[]): object {
  return { name, dims, dataType: TYPES.float, floatData: values };
}

/** A tensor message of whole numbers. */
export function integers(name: string, values: number[], dims = [values.length]): object {
  return { name, dims, dataType: TYPES.int64, int64Data: values };
}

/** The bytes of a model. Whole numbers of attributes stay whole; a fraction makes a float. */
export function modelBytes(parts: GraphParts, opset = 17): Uint8Array {
  const type = messageType('ModelProto');
  const message = { irVersion: 8, opsetImport: [{ domain: '', version: opset }], graph: graphMessage(parts) };
  return type.encode(type.fromObject(message)).finish();
}

export function parsed(parts: GraphParts, opset = 17): Model {
  return parseModel(modelBytes(parts, opset), 'test.onnx');
}

/** A model in a folder of its own; its path. */
export function modelFile(parts: GraphParts | Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'gearnn-onnx-')), 'model.onnx');
  writeFileSync(path, parts instanceof Uint8Array ? parts : modelBytes(parts));
  return path;
}

export function graphMessage({ nodes, initializers = [], inputs = {}, outputs = ['y'] }: GraphParts): object {
  return {
    name: 'test',
    node: nodes.map((node) => ({
      input: node.inputs ?? ['x'],
      output: node.outputs ?? ['y'],
      name: node.name ?? '',
      opType: node.op,
      domain: node.domain ?? '',
      attribute: Object.entries(node.attributes ?? {}).map(attributeMessage),
    })),
    initializer: initializers,
    input: Object.entries(inputs).map(([name, shape]) => ({
      name,
      type: { tensorType: { elemType: TYPES.float, shape: { dim: shape.map(dimension) } } },
    })),
    output: outputs.map((name) => ({ name, type: { tensorType: { elemType: TYPES.float } } })),
  };
}

function dimension(side: number | string): object {
  return typeof side === 'string' ? { dimParam: side } : { dimValue: side };
}

function attributeMessage([name, value]: [string, Attribute]): object {
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value) };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { name, type: 2, i: value } : { name, type: 1, f: value };
  if (Array.isArray(value))
    return value.every(Number.isInteger) ? { name, type: 7, ints: value } : { name, type: 6, floats: value };
  return 'tensor' in value ? { name, type: 4, t: value.tensor } : { name, type: 5, g: graphMessage(value.graph) };
}

/** Hands a graph in a file on, and deletes the file. */
export async function withFile(parts: GraphParts, run: (path: string) => Promise<void>): Promise<void> {
  const path = modelFile(parts);
  try {
    await run(path);
  } finally {
    rmSync(dirname(path), { recursive: true });
  }
}
