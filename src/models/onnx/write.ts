import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fail } from '../../common/errors.js';
import { writeFileAtomic } from '../../common/files.js';
import { externalReader } from './external-data.js';
import {
  decodeMessage,
  messageType,
  type GraphMessage,
  type ModelMessage,
  type NodeMessage,
  type TensorMessage,
} from './messages.js';
import { bytesOf, floatBytes } from './tensor-data.js';
import { typeNumber, type FloatType } from './types.js';

/** Protobuf's own limit. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * A file's message to be changed and written: fields that gearnn does not read are in it, too, and external data as if they were not.
 *
 * @param path of a file that `readModel` takes
 * @throws E_ONNX_FILE where the weights are over 2 GB, E_ONNX_EXTERNAL
 */
export function readMessage(path: string): ModelMessage {
  const message = decodeMessage<ModelMessage>('ModelProto', readFileSync(path), true);
  const tensors = tensorsIn(message.graph!);
  requireSize(
    path,
    tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0),
  );
  const external = externalReader(dirname(path));
  for (const tensor of tensors) {
    if (tensor.dataLocation !== 1) continue;
    tensor.rawData = external(tensor.name, tensor.externalData, bytesOf(tensor));
    tensor.externalData = [];
    tensor.dataLocation = 0;
  }
  return message;
}

/**
 * Writes an ONNX file, whole or not at all.
 *
 * @returns its bytes
 * @throws E_ONNX_FILE where it would be over 2 GB
 */
export async function writeMessage(path: string, message: ModelMessage): Promise<number> {
  requireSize(
    path,
    tensorsIn(message.graph!).reduce((sum, { rawData }) => sum + rawData.length, 0),
  );
  const bytes = messageType('ModelProto').encode(message).finish();
  requireSize(path, bytes.length);
  await writeFileAtomic(path, bytes);
  return bytes.length;
}

/** An initializer of floats. */
export function floatTensor(name: string, type: FloatType, dims: number[], values: Float32Array): TensorMessage {
  return create('TensorProto', { name, dims, dataType: typeNumber(type), rawData: floatBytes(type, values) });
}

/** A node, its name that of its output. */
export function newNode(opType: string, input: string[], output: string): NodeMessage {
  return create('NodeProto', { opType, input, output: [output], name: output });
}

/** A message of plain numbers and texts; bytes stay views. */
export function create<T>(message: string, fields: object): T {
  return messageType(message).fromObject(fields) as unknown as T;
}

/** All tensors of a graph, of its nodes and of the graphs inside them. */
function tensorsIn(graph: GraphMessage): TensorMessage[] {
  const ofNodes = graph.node.flatMap(({ attribute }) =>
    attribute.flatMap(({ t, g }) => [...(t ? [t] : []), ...(g ? tensorsIn(g) : [])]),
  );
  return [...graph.initializer, ...ofNodes];
}

function requireSize(path: string, bytes: number): void {
  if (bytes <= MOST_BYTES) return;
  fail('E_ONNX_FILE', {
    where: path,
    expected: 'at most 2 GB with all weights inside, as gearnn writes one file',
    got: `${(bytes / 1e9).toFixed(1)} GB`,
    todo: 'Export one level at a time with --level, or serve the checkpoint with gearnn serve.',
  });
}
