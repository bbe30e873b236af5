import type { GraphMessage, ModelMessage, NodeMessage, TensorMessage } from './messages.js';
import type { Node } from './model.js';
import { elementType, isFloat, type FloatType } from './types.js';
import { create, floatTensor } from './write.js';

/** The constant of floats behind a name. */
export interface Source {
  /** Of the initializer or the Constant node's result. */
  name: string;
  /** As it is used: behind a Cast that of the Cast. */
  type: FloatType;
  /** Whether nodes lie between. */
  isRenamed: boolean;
}

/** Changes a file's graph in place. Names of values stay, so whoever uses one needs no change. */
export class GraphEditor {
  readonly graph: GraphMessage;
  private readonly names: Set<string>;
  private readonly makers: ReadonlyMap<string, NodeMessage>;
  private readonly initializers: Map<string, TensorMessage>;

  constructor(private readonly message: ModelMessage) {
    this.graph = message.graph!;
    this.names = new Set(namesIn(this.graph));
    this.makers = new Map(this.graph.node.flatMap((node) => node.output.map((name) => [name, node])));
    this.initializers = new Map(this.graph.initializer.map((tensor) => [tensor.name, tensor]));
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  /** The name, lengthened where a value has it. */
  unique(name: string): string {
    while (this.names.has(name)) name += '_';
    this.names.add(name);
    return name;
  }

  /** The message of a node that was read from the same file. */
  node({ outputs }: Pick<Node, 'outputs'>): NodeMessage {
    return this.makers.get(outputs[0]!)!;
  }

  source(name: string): Source {
    let cast: FloatType | undefined;
    for (let at = name; ;) {
      const tensor = this.tensor(at);
      if (tensor) return { name: at, type: cast ?? floatType(tensor.dataType), isRenamed: at !== name };
      const node = this.makers.get(at)!;
      if (node.opType === 'Cast') cast ??= floatType(node.attribute.find((one) => one.name === 'to')!.i.toNumber());
      at = node.input[0]!;
    }
  }

  /** Whether one node alone takes a value, in one place, and the file does not give it. */
  isUsedOnce(name: string): boolean {
    return !this.graph.output.some((one) => one.name === name) && usesIn(this.graph, name) === 1;
  }

  /** Adds a constant of floats. @returns its name */
  add(name: string, type: FloatType, dims: number[], values: Float32Array): string {
    const tensor = floatTensor(this.unique(name), type, dims, values);
    this.initializers.set(tensor.name, tensor);
    return tensor.name;
  }

  /** Other values for a constant. */
  replace(name: string, values: Float32Array): void {
    const tensor = this.tensor(name)!;
    const dims = tensor.dims.map((side) => side.toNumber());
    const other = floatTensor(tensor.name, floatType(tensor.dataType), dims, values);
    if (this.initializers.has(name)) this.initializers.set(name, other);
    else this.makers.get(name)!.attribute.find((one) => one.name === 'value')!.t = other;
  }

  /** Takes a constant away, so that a node can make the value of its name. */
  remove(name: string): void {
    if (this.initializers.delete(name)) this.graph.input = this.graph.input.filter((one) => one.name !== name);
    else this.graph.node = this.graph.node.filter((node) => node !== this.makers.get(name));
  }

  /** Puts nodes behind one that then go on from its first output, and the last of them gives the value of its name. */
  behind(node: NodeMessage, make: readonly ((input: string, output: string) => NodeMessage)[]): void {
    const name = node.output[0]!;
    const inner = make.map((_, i) => this.unique(`${name}.before${make.length - i}`));
    node.output[0] = inner[0]!;
    const made = make.map((one, i) => one(inner[i]!, inner[i + 1] ?? name));
    this.graph.node.splice(this.graph.node.indexOf(node) + 1, 0, ...made);
  }

  /** Writes what was changed into the message. */
  finish(): void {
    const known = new Set(this.graph.initializer.map(({ name }) => name));
    this.graph.initializer = [...this.initializers.values()];
    if (this.message.irVersion.toNumber() >= 4 || this.graph.initializer.every(({ name }) => known.has(name))) return;
    // Up to version 3 every initializer has to be an input, and from 4 on those that are can be given anew.
    this.message.irVersion = create<ModelMessage>('ModelProto', { irVersion: 4 }).irVersion;
    this.graph.input = this.graph.input.filter(({ name }) => !this.initializers.has(name));
  }

  private tensor(name: string): TensorMessage | undefined {
    const node = this.makers.get(name);
    const value = node?.opType === 'Constant' ? node.attribute.find((one) => one.name === 'value') : undefined;
    return this.initializers.get(name) ?? value?.t ?? undefined;
  }
}

function floatType(number: number): FloatType {
  const type = elementType(number);
  if (!type || !isFloat(type)) throw new TypeError(`type ${number} is none of floats`);
  return type;
}

/** Names of all values of a graph and of those inside it. */
function namesIn({ node, initializer, input, output }: GraphMessage): string[] {
  return [
    ...[...initializer, ...input, ...output].map(({ name }) => name),
    ...node.flatMap((one) => [...one.input, ...one.output, ...graphsIn(one).flatMap(namesIn)]),
  ];
}

function usesIn({ node }: GraphMessage, name: string): number {
  return node.reduce(
    (sum, one) =>
      graphsIn(one).reduce(
        (inside, graph) => inside + usesIn(graph, name) + graph.output.filter((out) => out.name === name).length,
        sum + one.input.filter((input) => input === name).length,
      ),
    0,
  );
}

function graphsIn({ attribute }: NodeMessage): GraphMessage[] {
  return attribute.flatMap(({ g }) => g ?? []);
}
