import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../../../../../src/common/errors.js';
import { messageType } from '../../../../../src/models/onnx/messages.js';
import { floats, graphMessage, TYPES, type GraphParts, type NodeParts } from '../build.js';

/** A file that is damaged, hostile or odd, and what has to come of it. */
export interface HostileCase {
  kind: string;
  name: string;
  /** Makes it in a folder of its own. */
  bytes: Uint8Array | ((folder: string) => string);
  /** What running it has to answer for an input of ones, by its first number; undefined where it may be refused. */
  first?: number;
  /** Codes that it may be refused with. Absent: it has to run. */
  codes?: ErrorCode[];
  /** What the refusal has to say, besides the file's name. */
  says?: RegExp;
  /** Whether its bytes are drawn, so that it may turn out harmless. */
  mayRun?: boolean;
}

/** Shape of the input `x` of every file here. */
export const INPUT = [1, 3, 8, 8];

/** The bytes of a ModelProto with whatever fields. */
export function rawModel(fields: object): Uint8Array {
  const type = messageType('ModelProto');
  return type.encode(type.fromObject({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], ...fields })).finish();
}

export function modelOf(parts: GraphParts, fields: object = {}): Uint8Array {
  return rawModel({ graph: graphMessage({ inputs: { x: INPUT }, ...parts }), ...fields });
}

/** One node from `x` to `y` with constants. */
export function nodeModel(node: NodeParts, initializers: object[] = [], fields: object = {}): Uint8Array {
  return modelOf({ nodes: [{ name: 'bad', ...node }], initializers }, fields);
}

/** A tensor message of the input's type and the same number everywhere. */
export function same(name: string, dims: number[], value: number): object {
  return floats(
    name,
    dims,
    Array.from({ length: dims.reduce((size, side) => size * side, 1) }, () => value),
  );
}

/** `y = x + w` with w as given. */
export function addTensor(tensor: object, fields: object = {}): Uint8Array {
  return nodeModel(
    { op: 'Add', inputs: ['x', 'w'] },
    [{ name: 'w', dims: [1], dataType: TYPES.float, ...tensor }],
    fields,
  );
}

export const CONV: NodeParts = { op: 'Conv', inputs: ['x', 'w'], attributes: { pads: [1, 1, 1, 1] } };

/** A convolution that sums ones, 12 in a corner and 27 inside, and 0.5 more. */
export function convModel(): Uint8Array {
  return modelOf({
    nodes: [
      { ...CONV, name: 'conv', outputs: ['c'] },
      { op: 'Relu', name: 'relu', inputs: ['c'], outputs: ['r'] },
      { op: 'Add', name: 'sum', inputs: ['r', 'b'] },
    ],
    initializers: [same('w', [2, 3, 3, 3], 1), floats('b', [1], [0.5])],
  });
}

/** A classifier of two classes that are alike, its weights as raw bytes. */
export function gemmModel(): Uint8Array {
  const rawData = new Uint8Array(new Float32Array(192 * 2).fill(0.5).buffer);
  return modelOf({
    nodes: [
      { op: 'Flatten', name: 'flat', outputs: ['f'], attributes: { axis: 1 } },
      { op: 'Gemm', name: 'fc', inputs: ['f', 'w'], outputs: ['g'], attributes: { alpha: 0.5, transB: 1 } },
      { op: 'Softmax', name: 'soft', inputs: ['g'] },
    ],
    initializers: [{ name: 'w', dims: [2, 192], dataType: TYPES.float, rawData }],
  });
}

/** A resize and a slice whose sizes are whole numbers of the file. */
export function shapeModel(): Uint8Array {
  const list = (name: string, values: number[]): object => ({ name, dims: [values.length], dataType: TYPES.int64, int64Data: values }); // prettier-ignore
  return modelOf({
    nodes: [
      { op: 'Resize', name: 'resize', inputs: ['x', '', '', 'to'], outputs: ['r'], attributes: { mode: 'linear' } },
      { op: 'Slice', name: 'slice', inputs: ['r', 'from', 'end', 'axes'], outputs: ['s'] },
      { op: 'Reshape', name: 'reshape', inputs: ['s', 'shape'] },
    ],
    initializers: [
      ...[list('to', [1, 3, 12, 12]), list('from', [2]), list('end', [10])],
      ...[list('axes', [3]), list('shape', [1, 3, -1])],
    ],
  });
}

/** The three files that others are made of, by name, and what each begins with. */
export const VALID: Record<string, { bytes: Uint8Array; first: number }> = {
  conv: { bytes: convModel(), first: 12.5 },
  gemm: { bytes: gemmModel(), first: 0.5 },
  shape: { bytes: shapeModel(), first: 1 },
};

/** Writes a case's file into a folder; its path. */
export function writeCase({ bytes }: HostileCase, folder: string): string {
  if (typeof bytes === 'function') return bytes(folder);
  const path = join(folder, 'model.onnx');
  writeFileSync(path, bytes);
  return path;
}
