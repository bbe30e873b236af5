import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sizeOf } from '../../../../src/models/onnx/tensor-data.js';

export type DType = 'float32' | 'int32' | 'bool';

/** A constant, or what an input is given. */
export interface Numbers {
  shape: number[];
  values: number[];
  dtype: DType;
}

export type AttributeValue = number | boolean | string | number[] | string[] | { float: number } | { type: DType };

export interface NodeParts {
  op: string;
  name: string;
  inputs?: string[];
  attributes?: Record<string, AttributeValue>;
}

export interface GraphParts {
  nodes: NodeParts[];
  weights?: Record<string, Numbers>;
  /** Shapes by name, -1 for a side that is open; floats unless `types` says otherwise. */
  inputs: Record<string, number[]>;
  types?: Record<string, string>;
  /** Of what no node takes, by default. */
  outputs?: string[];
}

const TYPES: Readonly<Record<DType, string>> = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' };

/** A GraphModel in a folder of its own; the path of its model.json. */
export function graphFile(parts: GraphParts): string {
  const { weights = {}, nodes, inputs, types = {}, outputs } = parts;
  const constants = Object.entries(weights);
  const node = [
    ...Object.entries(inputs).map(([name, shape]) => ({
      ...{ name, op: 'Placeholder' },
      attr: { dtype: { type: types[name] ?? 'DT_FLOAT' }, shape: { shape: tensorShape(shape) } },
    })),
    ...constants.map(([name, { dtype }]) => ({ name, op: 'Const', attr: { dtype: { type: TYPES[dtype] } } })),
    ...nodes.map(({ op, name, inputs: input = [], attributes = {} }) => ({
      ...{ name, op, input },
      attr: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attribute(value)])),
    })),
  ];
  const named = (names: string[]) => Object.fromEntries(names.map((name) => [name, { name: `${name}:0` }]));
  const signature = outputs && { inputs: named(Object.keys(inputs)), outputs: named(outputs) };
  const specs = constants.map(([name, { shape, dtype }]) => ({ name, shape, dtype }));
  const bytes = Buffer.concat(constants.map(([, numbers]) => bytesOf(numbers)));
  return modelFile(
    { format: 'graph-model', ...(signature && { signature }), modelTopology: { node, versions: { producer: 1 } } },
    specs,
    bytes,
  );
}

/** A model.json with one shard. */
export function modelFile(json: object, weights: object[], bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'gearnn-tfjs-'));
  const weightsManifest = [{ paths: ['group1-shard1of1.bin'], weights }];
  writeFileSync(join(folder, 'group1-shard1of1.bin'), bytes);
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...json, weightsManifest }));
  return join(folder, 'model.json');
}

function bytesOf({ values, dtype }: Numbers): Buffer {
  if (dtype === 'bool') return Buffer.from(values);
  return Buffer.from((dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values)).buffer);
}

function tensorShape(shape: number[]): object {
  return { dim: shape.map((size) => ({ size: String(size) })) };
}

function attribute(value: AttributeValue): object {
  const text = (one: string): string => Buffer.from(one).toString('base64');
  if (typeof value === 'boolean') return { b: value };
  if (typeof value === 'number') return { i: String(value) };
  if (typeof value === 'string') return { s: text(value) };
  if (!Array.isArray(value)) return 'float' in value ? { f: value.float } : { type: TYPES[value.type] };
  const texts = value.filter((one) => typeof one === 'string');
  return texts.length > 0 ? { list: { s: texts.map(text) } } : { list: { i: value.map(String) } };
}

/** Numbers from -2 to 2 that are the same in every run. */
export function drawn(...shape: number[]): Numbers {
  const values = Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7919 + 13 * shape.length) % 401) / 100 - 2);
  return { shape, values, dtype: 'float32' };
}

export function integers(values: number[], shape = [values.length]): Numbers {
  return { shape, values, dtype: 'int32' };
}

export function truths(values: number[], shape = [values.length]): Numbers {
  return { shape, values, dtype: 'bool' };
}
