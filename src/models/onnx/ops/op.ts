import { fail } from '../../../common/errors.js';
import type { Attribute, Constant, Graph, Node } from '../model.js';
import type { Value } from '../value.js';

/**
 * What an operation of the graph does.
 *
 * @param inputs one for each input that the node names; undefined where an optional one is left out
 * @returns a value for each output, or the only one. Its tensors are the runner's; of what else it makes, the runner frees all
 */
export type Op = (call: Call, ...inputs: (Value | undefined)[]) => Value | Value[];

/** Operations of one kind by their ONNX names. */
export type Family = Readonly<Record<string, Op>>;

/** One use of an operation: its attributes and the version of the operations' set that the file imports. */
export class Call {
  /** @param runBranch runs a graph of an attribute among the values of the graph around it, on values for its own inputs in their order */
  constructor(
    readonly node: Node,
    readonly opset: number,
    readonly runBranch: (graph: Graph, inputs?: readonly Value[]) => Value[],
  ) {}

  int(name: string): number | undefined;
  int(name: string, otherwise: number): number;
  int(name: string, otherwise?: number): number | undefined {
    return this.number(name) ?? otherwise;
  }

  float(name: string): number | undefined;
  float(name: string, otherwise: number): number;
  float(name: string, otherwise?: number): number | undefined {
    return this.number(name) ?? otherwise;
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.number(name);
    return value === undefined ? otherwise : value !== 0;
  }

  list(name: string): number[] | undefined;
  list(name: string, otherwise: number[]): number[];
  list(name: string, otherwise?: number[]): number[] | undefined {
    return this.attribute(name, 'a list of numbers', isNumbers) ?? otherwise;
  }

  text(name: string): string | undefined;
  text(name: string, otherwise: string): string;
  text(name: string, otherwise?: string): string | undefined {
    return this.attribute(name, 'a text', (value) => typeof value === 'string') ?? otherwise;
  }

  texts(name: string): string[] | undefined {
    const isTexts = (value: Attribute): value is string[] =>
      Array.isArray(value) && value.every((member) => typeof member === 'string');
    return this.attribute(name, 'a list of texts', isTexts);
  }

  constant(name: string): Constant | undefined {
    return this.attribute(name, 'a tensor', (value): value is Constant => typeof value === 'object' && 'data' in value);
  }

  graph(name: string): Graph {
    const found = this.attribute(
      name,
      'a graph',
      (value): value is Graph => typeof value === 'object' && 'nodes' in value,
    );
    return found ?? this.refuse(`a graph as attribute ${name}`, 'none');
  }

  /** An input that the operation cannot do without. */
  need(input: Value | undefined, what: string): Value {
    return input ?? this.refuse(`an input ${what}`, 'none');
  }

  /** Stops: the node asks for what the operation cannot do. */
  refuse(expected: string, got: string, todo?: string): never {
    return fail('E_ONNX_NODE', { where: `${this.node.op} "${this.node.name}"`, expected, got, todo });
  }

  private number(name: string): number | undefined {
    return this.attribute(name, 'a number', (value) => typeof value === 'number');
  }

  private attribute<T extends Attribute>(
    name: string,
    kind: string,
    is: (value: Attribute) => value is T,
  ): T | undefined {
    const value = this.node.attributes.get(name);
    if (value === undefined || is(value)) return value;
    return this.refuse(`${kind} as attribute ${name}`, 'one of another kind');
  }
}

function isNumbers(value: Attribute): value is number[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'number');
}
