import type { NativeBinding, OpAttr } from './native.js';

/** One output of a node. */
export interface NodeRef {
  node: GraphNode;
  index: number;
}

export interface OutputInfo {
  /** TensorFlow's number of the data type. */
  dtype: number;
  shape: number[];
}

/** Type and shape of what a reference names. */
export function outputOf({ node, index }: NodeRef): OutputInfo {
  return node.outputs[index]!;
}

/** The data of a Const node. */
export interface ConstantValue {
  dtype: number;
  shape: number[];
  /** The numbers; of frozen weights they are fetched anew by every call, so that a graph under construction holds no copy. */
  read(): ArrayBufferView | unknown[];
  /** How long `read()`'s result is, where that is known without reading. */
  byteLength?: number;
  /** A new native handle of the same numbers, which the caller deletes, where that takes no reading. */
  handle?(): number;
}

let nodesMade = 0;

/** A native op in a recorded graph. */
export class GraphNode {
  /** Rises with every node made: of what a function recorded, its order. */
  readonly serial = nodesMade++;
  /** Nodes that are to have run before, though nothing of theirs is read. */
  after: GraphNode[] = [];
  value?: ConstantValue;
  /** A Const whose data the function wrote, not a tensor's from outside. */
  isWritten = false;

  constructor(
    readonly op: string,
    readonly attrs: OpAttr[],
    readonly inputs: NodeRef[],
    readonly outputs: OutputInfo[],
  ) {}

  static placeholder(dtype: number, shape: number[]): GraphNode {
    return new GraphNode('Placeholder', [], [], [{ dtype, shape }]);
  }

  /** Of data that the function wrote: it may be other data at inputs of other sizes. */
  static constant(dtype: number, shape: number[], values: ArrayBufferView | unknown[]): GraphNode {
    // The caller may reuse its array; a constant is what it was when the op ran.
    const kept = ArrayBuffer.isView(values) ? (values as Float32Array).slice() : [...values];
    const node = new GraphNode('Const', [], [], [{ dtype, shape }]);
    node.value = { dtype, shape, read: () => kept };
    node.isWritten = true;
    return node;
  }

  /** Of tensors that stay as they are until the graph is loaded. */
  static frozen(
    dtype: number,
    shape: number[],
    bytesPerValue: number,
    read: () => ArrayBufferView,
    handle?: () => number,
  ): GraphNode {
    const node = new GraphNode('Const', [], [], [{ dtype, shape }]);
    node.value = { dtype, shape, read, handle, byteLength: bytesPerValue * shape.reduce((size, n) => size * n, 1) };
    return node;
  }

  /** Each output. */
  get refs(): NodeRef[] {
    return this.outputs.map((_, index) => ({ node: this, index }));
  }

  /** The same op with other attributes, inputs or outputs. */
  with({ attrs = this.attrs, inputs = this.inputs, outputs = this.outputs }: Partial<GraphNode>): GraphNode {
    return new GraphNode(this.op, attrs, inputs, outputs);
  }

  attr(name: string): unknown {
    return this.attrs.find((attr) => attr.name === name)?.value;
  }
}

/**
 * The nodes that `outputs` depend on, inputs before their users. Whatever else was recorded is dead and left out.
 */
export function liveNodes(outputs: NodeRef[]): GraphNode[] {
  const order: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  const stack: { needs: GraphNode[]; node?: GraphNode; next: number }[] = [];
  stack.push({ needs: outputs.map(({ node }) => node), next: 0 });
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const needed = top.needs[top.next++];
    if (!needed) {
      if (top.node) order.push(top.node);
      stack.pop();
    } else if (!seen.has(needed)) {
      seen.add(needed);
      stack.push({ needs: [...needed.inputs.map(({ node }) => node), ...needed.after], node: needed, next: 0 });
    }
  }
  return order;
}

/** How often a node's results are read by others, or are outputs. */
export function usesOf(outputs: NodeRef[]): ReadonlyMap<GraphNode, number> {
  const uses = new Map<GraphNode, number>();
  for (const { node } of [...outputs, ...liveNodes(outputs).flatMap(({ inputs }) => inputs)])
    uses.set(node, (uses.get(node) ?? 0) + 1);
  return uses;
}

/**
 * The graph with other nodes in the places of some. Nodes without inputs are shared with the old graph.
 *
 * @param replace is called with each node, inputs before their users, and with its inputs in the new graph; without an answer the node
 *   stays what it is. It answers a node, whose outputs go by the numbers that the old node's had, or a place for each of these
 * @returns `outputs` of the new graph, in their old order
 */
export function rewrite(
  outputs: NodeRef[],
  replace: (node: GraphNode, inputs: NodeRef[]) => GraphNode | NodeRef[] | undefined,
): NodeRef[] {
  const renewed = new Map<GraphNode, NodeRef[]>();
  const renew = ({ node, index }: NodeRef): NodeRef => renewed.get(node)![index]!;
  for (const node of liveNodes(outputs)) {
    const inputs = node.inputs.map(renew);
    const after = node.after.map((earlier) => renewed.get(earlier)![0]!.node);
    const first = nodesMade;
    const answer = replace(node, inputs) ?? (inputs.length === 0 ? node : node.with({ inputs }));
    const refs = Array.isArray(answer) ? answer : answer.refs;
    // Of what takes the node's place, not of what that is made from.
    for (const { node: made } of refs) if (made.serial >= first) made.after = after;
    renewed.set(node, refs);
  }
  return outputs.map(renew);
}

/** A native handle of a constant's numbers, which the caller deletes. */
export function handleOf(binding: NativeBinding, { dtype, shape, read, handle }: ConstantValue): number {
  return handle ? handle() : binding.createTensor(shape, dtype, read());
}
