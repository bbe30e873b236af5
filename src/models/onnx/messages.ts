import protobuf from 'protobufjs/light.js';

/** The messages of an ONNX file as far as they are read: published names and numbers of `onnx.proto`, those of what is left out aside. */
const DESCRIPTION: Record<string, Record<string, string>> = {
  ModelProto: {
    irVersion: 'int64 1',
    producerName: 'string 2',
    producerVersion: 'string 3',
    graph: 'GraphProto 7',
    opsetImport: 'OperatorSetIdProto* 8',
    metadataProps: 'StringStringEntryProto* 14',
    functions: 'FunctionProto* 25',
  },
  OperatorSetIdProto: { domain: 'string 1', version: 'int64 2' },
  StringStringEntryProto: { key: 'string 1', value: 'string 2' },
  FunctionProto: { name: 'string 1', domain: 'string 10' },
  GraphProto: {
    node: 'NodeProto* 1',
    name: 'string 2',
    initializer: 'TensorProto* 5',
    input: 'ValueInfoProto* 11',
    output: 'ValueInfoProto* 12',
    valueInfo: 'ValueInfoProto* 13',
    sparseInitializer: 'SparseTensorProto* 15',
  },
  NodeProto: {
    input: 'string* 1',
    output: 'string* 2',
    name: 'string 3',
    opType: 'string 4',
    attribute: 'AttributeProto* 5',
    domain: 'string 7',
  },
  AttributeProto: {
    name: 'string 1',
    f: 'float 2',
    i: 'int64 3',
    s: 'bytes 4',
    t: 'TensorProto 5',
    g: 'GraphProto 6',
    floats: 'float* 7',
    ints: 'int64* 8',
    strings: 'bytes* 9',
    type: 'int32 20',
    refAttrName: 'string 21',
  },
  TensorProto: {
    dims: 'int64* 1',
    dataType: 'int32 2',
    floatData: 'float* 4',
    int32Data: 'int32* 5',
    stringData: 'bytes* 6',
    int64Data: 'int64* 7',
    name: 'string 8',
    rawData: 'bytes 9',
    doubleData: 'double* 10',
    uint64Data: 'uint64* 11',
    externalData: 'StringStringEntryProto* 13',
    dataLocation: 'int32 14',
  },
  SparseTensorProto: { values: 'TensorProto 1' },
  ValueInfoProto: { name: 'string 1', type: 'TypeProto 2' },
  TypeProto: { tensorType: 'TensorTypeProto 1' },
  TensorTypeProto: { elemType: 'int32 1', shape: 'TensorShapeProto 2' },
  TensorShapeProto: { dim: 'DimensionProto* 1' },
  DimensionProto: { dimValue: 'int64 1', dimParam: 'string 2' },
};

const nested = Object.fromEntries(
  Object.entries(DESCRIPTION).map(([message, fields]) => [
    message,
    { fields: Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, field(text)])) },
  ]),
);
const root = protobuf.Root.fromJSON({ nested });

/** `int64* 8` is field 8, a list of int64. */
function field(text: string): { type: string; id: number; rule?: string } {
  const [, type, list, id] = /^(\w+)(\*?) (\d+)$/.exec(text)!;
  return { type: type!, id: Number(id), ...(list ? { rule: 'repeated' } : {}) };
}

/** A whole number of 64 bits. */
export interface Long {
  toNumber(): number;
  toString(): string;
}

export interface StringEntry {
  key: string;
  value: string;
}

export interface TensorMessage {
  dims: Long[];
  dataType: number;
  floatData: number[];
  int32Data: number[];
  stringData: Uint8Array[];
  int64Data: Long[];
  name: string;
  rawData: Uint8Array;
  doubleData: number[];
  uint64Data: Long[];
  externalData: StringEntry[];
  dataLocation: number;
}

export interface AttributeMessage {
  name: string;
  f: number;
  i: Long;
  s: Uint8Array;
  t: TensorMessage | null;
  g: GraphMessage | null;
  floats: number[];
  ints: Long[];
  strings: Uint8Array[];
  type: number;
  refAttrName: string;
}

export interface NodeMessage {
  input: string[];
  output: string[];
  name: string;
  opType: string;
  attribute: AttributeMessage[];
  domain: string;
}

export interface ValueInfoMessage {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: DimensionMessage[] } | null } | null } | null;
}

export interface DimensionMessage {
  dimValue: Long;
  dimParam: string;
}

export interface GraphMessage {
  node: NodeMessage[];
  name: string;
  initializer: TensorMessage[];
  input: ValueInfoMessage[];
  output: ValueInfoMessage[];
  valueInfo: ValueInfoMessage[];
  sparseInitializer: object[];
}

export interface ModelMessage {
  irVersion: Long;
  producerName: string;
  producerVersion: string;
  graph: GraphMessage | null;
  opsetImport: { domain: string; version: Long }[];
  metadataProps: StringEntry[];
  functions: { name: string; domain: string }[];
}

/** One of the messages, to read and to write. */
export function messageType(name: string): protobuf.Type {
  return root.lookupType(name);
}

/** Most bytes of a file that are not numbers of weights. Names and nodes of the largest networks take a tenth of it; read, they take fifty times as much. */
const MOST_STRUCTURE = 2 ** 24;

/**
 * The message in some bytes, which bytes in it are views of.
 *
 * @param whole keeps fields that are not described here, for a message that is written again
 * @throws what protobufjs does for bytes that are none, and a RangeError for more nodes, names and single numbers than memory should hold
 */
export function decodeMessage<T>(message: 'ModelProto' | 'TensorProto', bytes: Uint8Array, whole = false): T {
  const structure = structureBytes(message, protobuf.Reader.create(bytes), bytes.length, 0);
  if (structure > MOST_STRUCTURE)
    throw new RangeError(
      `${structure} bytes of nodes, names and single numbers, where at most ${MOST_STRUCTURE} are read`,
    );
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = !whole;
  return messageType(message).decode(reader) as unknown as T;
}

/** Bytes of a message up to `end` without the blocks of numbers in it, which take no more memory when they are read. */
function structureBytes(message: string, reader: protobuf.Reader, end: number, depth: number): number {
  if (depth > protobuf.Reader.recursionLimit) throw new RangeError('messages nested too deeply');
  const { fieldsById } = messageType(message);
  let total = 0;
  while (reader.pos < end) {
    const start = reader.pos;
    const tag = reader.uint32();
    const known = fieldsById[tag >>> 3];
    if ((tag & 7) !== 2 || !known) {
      reader.skipType(tag & 7);
      total += known ? reader.pos - start : 0;
      continue;
    }
    const length = reader.uint32();
    const from = reader.pos;
    const isBlock = known.name === 'rawData' || known.type === 'float' || known.type === 'double';
    if (known.type in DESCRIPTION) total += from - start + structureBytes(known.type, reader, from + length, depth + 1);
    else if (!isBlock) total += from - start + length;
    reader.pos = from;
    reader.skip(length);
  }
  return total;
}
