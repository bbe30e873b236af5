import type { ElementType } from './types.js';

/** Values of a constant: floats of every width as fp32, whole numbers as doubles (exact up to 2^53), truth values as 0 and 1. */
export type HostData = Float32Array | Float64Array | Uint8Array;

/** A constant of the file, its values in row-major order. */
export interface Constant {
  type: ElementType;
  shape: number[];
  /** Of large ones read from the file's bytes when it is first asked for. */
  readonly data: HostData;
}

export type Attribute = number | number[] | string | string[] | Constant | Graph;

/** One operation. */
export interface Node {
  /** Its own name, or else that of its first output. */
  name: string;
  /** `Conv`. */
  op: string;
  /** Empty for ONNX's own operations. */
  domain: string;
  /** Names of values; empty for an optional one that is left out. */
  inputs: string[];
  outputs: string[];
  attributes: ReadonlyMap<string, Attribute>;
}

/** What the file says of a value. */
export interface ValueInfo {
  name: string;
  /** Undefined where the file does not say it, or says one that is not read. */
  type: ElementType | undefined;
  /** Sizes; a name (`batch`) or an empty text for one that is known only when it runs. Undefined for an unknown rank. */
  shape: (number | string)[] | undefined;
}

export interface Graph {
  name: string;
  nodes: Node[];
  /** Constants by name. */
  initializers: Map<string, Constant>;
  /** Those that have no initializer: what the caller gives. */
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  valueInfo: ValueInfo[];
}

/** Producer of the graphs that gearnn makes of TensorFlow.js' models: their pictures have channels last. */
export const TFJS_PRODUCER = 'gearnn of TensorFlow.js';

/** An ONNX file. */
export interface Model {
  irVersion: number;
  producer: string;
  /** Version of each set of operations that it imports, by domain; ONNX's own is ''. */
  opsets: ReadonlyMap<string, number>;
  metadata: ReadonlyMap<string, string>;
  /** Paths of files with weights, relative to the model's, in the order of their first use. */
  external: readonly string[];
  graph: Graph;
}
