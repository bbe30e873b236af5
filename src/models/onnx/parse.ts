import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fail } from '../../common/errors.js';
import { externalReader, type ReadExternal } from './external-data.js';
import {
  decodeMessage,
  type AttributeMessage,
  type GraphMessage,
  type ModelMessage,
  type NodeMessage,
  type ValueInfoMessage,
} from './messages.js';
import { inFile } from './in-file.js';
import type { Attribute, Graph, Model, Node, ValueInfo } from './model.js';
import { readTensor } from './tensor-data.js';
import { elementType } from './types.js';

/** Protobuf's own limit, from which on weights lie in files of their own. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Reads an ONNX file with all its weights.
 *
 * @throws E_ONNX_FILE for one that is damaged, no ONNX file, or over 2 GB; E_ONNX_EXTERNAL
 */
export function readModel(path: string): Model {
  return inFile(path, () => parseModel(readBytes(path), path));
}

function readBytes(path: string): Uint8Array {
  const stats = statSync(path);
  // Opening a pipe would wait for whoever writes to it.
  if (!stats.isFile() && !stats.isDirectory())
    fail('E_FILE_KIND', { where: path, expected: 'a file', got: 'a pipe, socket or device' });
  const { size } = stats;
  if (size > MOST_BYTES) {
    fail('E_ONNX_FILE', {
      where: path,
      expected: 'a file of at most 2 GB',
      got: `${(size / 1e9).toFixed(1)} GB`,
      todo: 'Export it with external data, which lie in files of their own.',
    });
  }
  return readFileSync(path);
}

/** As {@link readModel}, of a file's bytes. */
export function parseModel(bytes: Uint8Array, path: string): Model {
  const files = new Set<string>();
  const external = externalReader(dirname(path), (file) => files.add(file));
  let message: ModelMessage;
  try {
    message = decodeMessage<ModelMessage>('ModelProto', bytes);
  } catch (error) {
    return fail('E_ONNX_FILE', {
      where: path,
      expected: 'an ONNX file',
      got: `bytes that are none (${(error as Error).message})`,
      todo: 'It is damaged, cut short, or of another format.',
      cause: error,
    });
  }
  if (!message.graph || message.opsetImport.length === 0)
    fail('E_ONNX_FILE', {
      where: path,
      expected: 'an ONNX model',
      got: message.graph ? 'one that imports no set of operations' : 'one without a graph',
    });
  if (message.functions.length > 0)
    fail('E_ONNX_FILE', {
      where: path,
      expected: 'a model without functions of its own',
      got: message.functions.map(({ name }) => name).join(', '),
      todo: 'Inline them with onnx.inliner.inline_local_functions.',
    });
  const domain = (name: string): string => (name === 'ai.onnx' ? '' : name);
  const opsets = new Map(message.opsetImport.map((set) => [domain(set.domain), set.version.toNumber()]));
  const graph = readGraph(message.graph, external);
  const version = opsets.get('');
  if (version === undefined ? graph.nodes.some((node) => node.domain === '') : version < 1)
    fail('E_ONNX_FILE', {
      where: path,
      expected: "a version of ONNX's set of operations, from 1 on",
      got: version === undefined ? 'other sets alone' : String(version),
    });
  if (graph.outputs.length === 0)
    fail('E_ONNX_FILE', { where: path, expected: 'a graph that has an output', got: 'none' });
  return {
    irVersion: message.irVersion.toNumber(),
    producer: `${message.producerName} ${message.producerVersion}`.trim(),
    opsets,
    metadata: new Map(message.metadataProps.map(({ key, value }) => [key, value])),
    graph,
    external: [...files],
  };
}

function readGraph(graph: GraphMessage, external: ReadExternal): Graph {
  if (graph.sparseInitializer.length > 0)
    fail('E_ONNX_FILE', { where: `graph ${graph.name}`, expected: 'dense weights', got: 'sparse initializers' });
  const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, readTensor(tensor, external)]));
  return {
    name: graph.name,
    nodes: graph.node.map((node) => readNode(node, external)),
    initializers,
    // Files up to IR version 3 name every initializer among the inputs.
    inputs: graph.input.filter(({ name }) => !initializers.has(name)).map(readInfo),
    outputs: graph.output.map(readInfo),
    valueInfo: graph.valueInfo.map(readInfo),
  };
}

function readNode(node: NodeMessage, external: ReadExternal): Node {
  const name = node.name || node.output.find((output) => output !== '') || node.opType;
  if (node.opType === '')
    fail('E_ONNX_FILE', { where: `node ${JSON.stringify(name)}`, expected: 'the name of an operation', got: 'none' });
  return {
    name,
    op: node.opType,
    domain: node.domain === 'ai.onnx' ? '' : node.domain,
    inputs: node.input,
    outputs: node.output,
    attributes: readAttributes(node.attribute, name, external),
  };
}

function readInfo({ name, type }: ValueInfoMessage): ValueInfo {
  const tensor = type?.tensorType;
  const shape = tensor?.shape?.dim.map(({ dimValue, dimParam }) => {
    const size = dimValue.toNumber();
    return dimParam !== '' || size <= 0 ? dimParam : size;
  });
  return { name, type: tensor ? elementType(tensor.elemType) : undefined, shape };
}

function readAttributes(messages: AttributeMessage[], node: string, external: ReadExternal): Map<string, Attribute> {
  return new Map(messages.map((message) => [message.name, readAttribute(message, node, external)]));
}

/** By ONNX's numbers of the types of attributes. */
function readAttribute(message: AttributeMessage, node: string, external: ReadExternal): Attribute {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
  switch (message.type) {
    case 1:
      return message.f;
    case 2:
      return message.i.toNumber();
    case 3:
      return text(message.s);
    case 4:
      if (message.t) return readTensor(message.t, external, message.t.name || `${message.name} of ${node}`);
      break;
    case 5:
      if (message.g) return readGraph(message.g, external);
      break;
    case 6:
      return [...message.floats];
    case 7:
      return message.ints.map((value) => value.toNumber());
    case 8:
      return message.strings.map(text);
  }
  return fail('E_ONNX_FILE', {
    where: `attribute ${message.name} of ${node}`,
    expected: 'a number, a text, a tensor, a graph, or a list of numbers or texts',
    got: `type ${message.type}`,
  });
}
