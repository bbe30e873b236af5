import type { NativeBinding, OpAttr } from './native.js';
import { liveNodes, outputOf, type GraphNode, type NodeRef } from './graph.js';

/** Below this GraphDef version TensorFlow 2 no longer runs a graph; every 2.x writes one above it. */
const PRODUCER_VERSION = 1882;

/** Type attributes that tfjs-node leaves to the eager runtime to infer, each with the input whose type it is. */
const INFERRED_TYPES: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  ExpandDims: [
    ['T', 0],
    ['Tdim', 1],
  ],
};

/** A piece of a message: bytes, or what fetches them. */
export type Part = Uint8Array | (() => Uint8Array);

/** A protocol buffer under construction: the wire format's varints, 32-bit numbers and length-prefixed parts. */
class Message {
  readonly parts: Part[] = [];
  length = 0;

  private push(bytes: Part, length = (bytes as Uint8Array).length): this {
    this.parts.push(bytes);
    this.length += length;
    return this;
  }

  private raw(value: number | bigint): this {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    do {
      bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
      rest >>= 7n;
    } while (rest > 0n);
    return this.push(Uint8Array.from(bytes));
  }

  varint(field: number, value: number | bigint): this {
    return this.raw(field << 3).raw(value);
  }

  float(field: number, value: number): this {
    return this.raw((field << 3) | 5).push(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.raw((field << 3) | 2)
      .raw(value.length)
      .push(value);
  }

  /** Bytes that are fetched when the message is written. */
  later(field: number, length: number, read: () => Uint8Array): this {
    return this.raw((field << 3) | 2)
      .raw(length)
      .push(read, length);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    this.raw((field << 3) | 2).raw(value.length);
    // One by one: a large graph has more parts than a call takes arguments.
    for (const part of value.parts) this.parts.push(part);
    this.length += value.length;
    return this;
  }
}

/** Names for a SavedModel's inputs and outputs, under its signature `serving_default`. */
export interface Signature {
  inputs: Readonly<Record<string, NodeRef>>;
  outputs: Readonly<Record<string, NodeRef>>;
}

/**
 * A graph ready to load: the pieces of `saved_model.pb`, or of the GraphDef in it, to be written one after the other, and how its inputs and
 * outputs are called.
 */
export interface SerializedGraph {
  savedModel: readonly Part[];
  graphDef: readonly Part[];
  /** Of all frozen weights. */
  weightBytes: number;
  inputNames: string[];
  outputNames: string[];
  nodes: number;
}

export interface SerializeOptions {
  /** Inputs that take any sizes, and Consts that are to be inputs. */
  open?: ReadonlySet<GraphNode>;
  /** Consts whose values stay out, each with the number that `install/session.cc` knows its tensor by. */
  weights?: ReadonlyMap<GraphNode, number>;
  /** What other programs call the inputs and outputs. */
  signature?: Signature;
}

/** What a Const is called whose values stay out of the graph. */
export function nameOfWeight(number: number): string {
  return `w${number}`;
}

/**
 * Writes the live part of a graph as a SavedModel with tag `serve` and no variables.
 *
 * @source tensorflow/core/protobuf/{saved_model,meta_graph}.proto, framework/{graph,node_def,attr_value,tensor}.proto
 */
export function serializeGraph(
  binding: NativeBinding,
  inputs: GraphNode[],
  outputs: NodeRef[],
  { open = new Set(), weights = new Map(), signature }: SerializeOptions = {},
): SerializedGraph {
  const nodes = liveNodes(outputs);
  const live = new Set(nodes);
  for (const input of inputs) if (!live.has(input)) nodes.push(input);
  const nameOf = (node: GraphNode, i: number): string =>
    weights.has(node) ? nameOfWeight(weights.get(node)!) : `n${i}`;
  const names = new Map(nodes.map((node, i) => [node, nameOf(node, i)]));
  const graph = new Message();
  for (const node of nodes) graph.message(1, nodeDef(binding, node, names, { open, weights }));
  graph.message(4, new Message().varint(1, PRODUCER_VERSION));
  const meta = new Message().message(1, new Message().text(4, 'serve')).message(2, graph);
  if (signature) meta.message(5, new Message().text(1, 'serving_default').message(2, signatureDef(signature, names)));
  return {
    savedModel: new Message().varint(1, 1).message(2, meta).parts,
    graphDef: graph.parts,
    weightBytes: nodes.reduce((sum, { value }) => sum + (value?.byteLength ?? 0), 0),
    inputNames: inputs.map((node) => `${names.get(node)}:0`),
    outputNames: outputs.map(({ node, index }) => `${names.get(node)}:${index}`),
    nodes: nodes.length,
  };
}

function signatureDef({ inputs, outputs }: Signature, names: Map<GraphNode, string>): Message {
  const message = new Message();
  for (const [field, refs] of [inputs, outputs].entries()) {
    for (const [name, { node, index }] of Object.entries(refs)) {
      const { dtype, shape } = node.outputs[index]!;
      const info = new Message()
        .text(1, `${names.get(node)}:${index}`)
        .varint(2, dtype)
        .message(3, shapeProto(shape));
      message.message(field + 1, new Message().text(1, name).message(2, info));
    }
  }
  return message.text(3, 'tensorflow/serving/predict');
}

function nodeDef(
  binding: NativeBinding,
  node: GraphNode,
  names: Map<GraphNode, string>,
  { open, weights }: Required<Pick<SerializeOptions, 'open' | 'weights'>>,
): Message {
  const isOpen = open.has(node);
  const isInput = node.op === 'Placeholder' || isOpen;
  const message = new Message().text(1, names.get(node)!).text(2, isInput ? 'Placeholder' : node.op);
  for (const { node: source, index } of node.inputs) message.text(3, `${names.get(source)}:${index}`);
  for (const earlier of node.after) message.text(3, `^${names.get(earlier)}`);
  const attr = (name: string, value: Message) => message.message(5, new Message().text(1, name).message(2, value));
  for (const each of node.attrs) attr(each.name, attrValue(binding, each));
  for (const [name, input] of INFERRED_TYPES[node.op] ?? []) {
    const source = node.inputs[input]!;
    attr(name, new Message().varint(6, outputOf(source).dtype));
  }
  const { dtype, shape } = node.outputs[0] ?? { dtype: 0, shape: [] };
  if (isInput) {
    attr('dtype', new Message().varint(6, dtype));
    attr('shape', new Message().message(7, shapeProto(isOpen ? shape.map(() => -1) : shape)));
  } else if (weights.has(node)) {
    // Without values a tensor is zeros. The number also keeps nodes of one shape apart, which TensorFlow would make one of.
    attr('dtype', new Message().varint(6, dtype));
    attr('value', new Message().message(8, new Message().varint(1, dtype).message(2, shapeProto(shape))));
    attr('_kernel', new Message().text(2, 'gearnn_weight'));
    attr('_gearnn_weight', new Message().varint(3, weights.get(node)!));
  } else if (node.value) {
    attr('dtype', new Message().varint(6, dtype));
    attr('value', new Message().message(8, tensorProto(binding, node)));
  }
  return message;
}

function shapeProto(shape: number[]): Message {
  const message = new Message();
  for (const size of shape) message.message(2, new Message().varint(1, size));
  return message;
}

function tensorProto(binding: NativeBinding, node: GraphNode): Message {
  const { dtype, shape, read, byteLength } = node.value!;
  const message = new Message().varint(1, dtype).message(2, shapeProto(shape));
  if (byteLength !== undefined) return message.later(4, byteLength, () => bytesOf(read() as ArrayBufferView));
  const values = read();
  if (!ArrayBuffer.isView(values)) {
    for (const value of values)
      message.bytes(8, typeof value === 'string' ? new TextEncoder().encode(value) : (value as Uint8Array));
    return message;
  }
  if (dtype === binding.TF_BOOL) {
    return message.bytes(4, Uint8Array.from(values as Uint8Array));
  }
  return message.bytes(4, bytesOf(values));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function attrValue(binding: NativeBinding, { type, value }: OpAttr): Message {
  const write = (message: Message, one: unknown): Message => {
    switch (type) {
      case binding.TF_ATTR_STRING:
        return message.text(2, one as string);
      case binding.TF_ATTR_INT:
        return message.varint(3, one as number);
      case binding.TF_ATTR_FLOAT:
        return message.float(4, one as number);
      case binding.TF_ATTR_BOOL:
        return message.varint(5, one ? 1 : 0);
      case binding.TF_ATTR_TYPE:
        return message.varint(6, one as number);
      default:
        return message.message(7, shapeProto(one as number[]));
    }
  };
  const isList = Array.isArray(value) && (type !== binding.TF_ATTR_SHAPE || Array.isArray(value[0]));
  if (!isList) return write(new Message(), value);
  const list = new Message();
  for (const one of value as unknown[]) write(list, one);
  return new Message().message(1, list);
}
