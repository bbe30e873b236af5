import { floatBytes } from '../onnx/tensor-data.js';
import { create } from '../onnx/write.js';
import type { Constant } from '../onnx/model.js';
import type { NodeMessage, TensorMessage } from '../onnx/messages.js';
import { typeNumber } from '../onnx/types.js';

/** Types that values are computed in: every kind of whole number is int64, as ONNX counts sizes. */
export type Kind = 'float32' | 'int64' | 'bool';

/** What flows along a name of TensorFlow's graph, as the ONNX graph has it. */
export interface Tensor {
  /** Its name in both graphs, under which it has TensorFlow's order of axes. */
  name: string;
  kind: Kind;
  rank?: number;
  /** Of a list: how many numbers it has. */
  length?: number;
  /** Of a constant: its values. */
  constant?: Constant;
  /** Name of the same value with its channels in front, where a node makes it so. */
  first?: string;
  /** The layer that made it, as long as it has no bias. */
  unbiased?: { node: NodeMessage; channels: number };
}

export type AttributeValue = number | number[] | string | { float: number };

/** Orders of axes: channels from the end to behind the batch, and back. */
const TO_FIRST = [0, 3, 1, 2];
const TO_LAST = [0, 2, 3, 1];

/** Collects the nodes and constants of an ONNX graph. */
export class Emitter {
  readonly nodes: NodeMessage[] = [];
  readonly initializers = new Map<string, TensorMessage>();
  private readonly names = new Set<string>();
  private readonly nodeNames = new Set<string>();

  /** @param taken names of the other graph's values, which only these get */
  constructor(private readonly taken: ReadonlySet<string>) {}

  /** The name, lengthened where a value has it. */
  unique(name: string): string {
    while (this.names.has(name) || this.taken.has(name)) name += '_';
    this.names.add(name);
    return name;
  }

  /** Adds a node. @param name its own, lengthened where another has it; default: that of its first output */
  node(
    op: string,
    inputs: readonly string[],
    outputs: string[],
    attributes: Record<string, AttributeValue> = {},
    { name = outputs[0]!, domain = '' } = {},
  ): NodeMessage {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeMessage(key, value));
    let own = name;
    while (this.nodeNames.has(own)) own += `/${op}`;
    this.nodeNames.add(own);
    const message = create<NodeMessage>('NodeProto', { opType: op, domain, name: own, input: inputs, output: outputs, attribute }); // prettier-ignore
    this.nodes.push(message);
    return message;
  }

  /** The name of a value in the order of TensorFlow's axes; constants become the graph's with this. */
  ref(tensor: Tensor): string {
    if (tensor.constant && !this.initializers.has(tensor.name)) this.initialize(tensor.name, tensor.constant);
    return tensor.name;
  }

  /** The name of pictures `[batch, height, width, channels]` with their channels in front. */
  first(tensor: Tensor): string {
    if (tensor.first !== undefined) return tensor.first;
    const name = this.unique(`${tensor.name}/first`);
    this.node('Transpose', [this.ref(tensor)], [name], { perm: TO_FIRST });
    tensor.first = name;
    return name;
  }

  /** What a node made with channels in front, as a value of TensorFlow's. */
  last(name: string, first: string): Tensor {
    this.node('Transpose', [first], [name], { perm: TO_LAST });
    return { name, kind: 'float32', rank: 4, first };
  }

  /** Takes away the node that makes a value, which nothing takes. */
  remove(name: string): void {
    this.nodes.splice(
      this.nodes.findIndex(({ output }) => output[0] === name),
      1,
    );
  }

  /** A constant of another name and order than the file's, or of the file's own name where no other node takes it as it is. */
  weight(tensor: Tensor, isOnly: boolean, constant: Constant, suffix: string): string {
    const name = isOnly && !this.initializers.has(tensor.name) ? tensor.name : this.unique(`${tensor.name}/${suffix}`);
    this.initialize(name, constant);
    return name;
  }

  /** A constant of the translation's own. */
  constant(name: string, constant: Constant): string {
    const unique = this.unique(name);
    this.initialize(unique, constant);
    return unique;
  }

  private initialize(name: string, { type, shape, data }: Constant): void {
    const rawData =
      data instanceof Float32Array
        ? floatBytes('float32', data)
        : data instanceof Float64Array
          ? new Uint8Array(BigInt64Array.from(data, (value) => BigInt(value)).buffer)
          : data;
    this.initializers.set(name, create('TensorProto', { name, dims: shape, dataType: typeNumber(type), rawData }));
  }
}

/** By ONNX's numbers of the types of attributes. */
function attributeMessage(name: string, value: AttributeValue): object {
  if (typeof value === 'number') return { name, type: 2, i: value };
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value) };
  return Array.isArray(value) ? { name, type: 7, ints: value } : { name, type: 1, f: value.float };
}

/** Whole numbers `[length]`. */
export function integers(values: readonly number[], shape: number[] = [values.length]): Constant {
  return { type: 'int64', shape, data: Float64Array.from(values) };
}

/** A number as a constant of a kind. */
export function scalar(value: number, kind: Kind = 'float32'): Constant {
  if (kind === 'float32') return { type: kind, shape: [], data: Float32Array.of(value) };
  return kind === 'bool' ? { type: kind, shape: [], data: Uint8Array.of(value) } : integers([value], []);
}
