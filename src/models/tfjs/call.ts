import type { Constant } from '../onnx/model.js';
import { integers, scalar, type AttributeValue, type Emitter, type Kind, type Tensor } from './emitter.js';
import type { GraphNode } from './graph-def.js';

/**
 * Translates one node.
 *
 * @returns its values, or the only one; undefined where the node asks for what ONNX's operations or gearnn's translation cannot do
 */
export type Translation = (call: Call, ...inputs: Tensor[]) => Tensor | Tensor[] | undefined;

/** Translations of one kind by the names of TensorFlow's operations. */
export type Family = Readonly<Record<string, Translation>>;

export interface Result {
  kind?: Kind;
  rank?: number;
  length?: number;
  attributes?: Record<string, AttributeValue>;
}

/** One node of TensorFlow's graph on its way into the ONNX graph. */
export class Call {
  constructor(
    readonly node: GraphNode,
    readonly emitter: Emitter,
    readonly inputs: readonly Tensor[],
    /** How many nodes and outputs take a value. */
    readonly uses: (name: string) => number,
  ) {}

  get name(): string {
    return this.node.name;
  }

  /** Adds a node for a value inside the translation. @returns the value's name */
  inner(op: string, inputs: readonly (Tensor | string)[], attributes: Record<string, AttributeValue> = {}): string {
    const name = this.emitter.unique(`${this.name}/${op}`);
    this.emitter.node(op, this.names(inputs), [name], attributes);
    return name;
  }

  /** Adds a node that makes the value of this one. Its kind and rank are those of the first tensor, unless they are given. */
  result(op: string, inputs: readonly (Tensor | string)[], options: Result = {}): Tensor {
    const first = this.inputs[0];
    this.emitter.node(op, this.names(inputs), [this.name], options.attributes);
    const rank = 'rank' in options ? options.rank : first?.rank;
    const { kind = first?.kind ?? 'float32', length } = options;
    return { name: this.name, kind, ...(rank !== undefined && { rank }), ...(length !== undefined && { length }) };
  }

  /** Adds a node that makes several values of this one. */
  results(
    op: string,
    inputs: readonly (Tensor | string)[],
    values: Result[],
    attributes: Record<string, AttributeValue> = {},
  ): Tensor[] {
    // prettier-ignore
    const names = values.map((_, i) => this.valueName(i));
    this.emitter.node(op, this.names(inputs), names, attributes);
    return values.map(({ kind = this.inputs[0]?.kind ?? 'float32', rank }, i) => ({
      ...{ name: names[i]!, kind },
      ...(rank !== undefined && { rank }),
    }));
  }

  /** The name of the node's value of a place. */
  valueName(place: number): string {
    return place === 0 ? this.name : `${this.name}:${place}`;
  }

  /** A value of the channels-first graph as the value of this node. */
  last(first: string): Tensor {
    return this.emitter.last(this.name, first);
  }

  first(tensor: Tensor): string {
    return this.emitter.first(tensor);
  }

  /** Whole numbers as a constant. @returns its name */
  integers(values: readonly number[], shape?: number[]): string {
    return this.constant(integers(values, shape));
  }

  scalar(value: number, kind?: Kind): string {
    return this.constant(scalar(value, kind));
  }

  constant(constant: Constant): string {
    return this.emitter.constant(`${this.name}/constant`, constant);
  }

  private names(inputs: readonly (Tensor | string)[]): string[] {
    return inputs.map((input) => (typeof input === 'string' ? input : this.emitter.ref(input)));
  }
}

/** The numbers of a constant. */
export function numbersOf(tensor: Tensor | undefined): number[] | undefined {
  return tensor?.constant && [...tensor.constant.data];
}

/** How many numbers a list has, such as a shape. */
export function lengthOf({ constant, length }: Tensor): number | undefined {
  return constant ? constant.shape[0] : length;
}

/** The larger of known ranks, which is that of what they broadcast to. */
export function broadcastRank(tensors: readonly Tensor[]): number | undefined {
  return tensors.some(({ rank }) => rank === undefined) ? undefined : Math.max(...tensors.map(({ rank }) => rank!));
}
