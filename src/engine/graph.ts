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

/** A native op in a recorded graph. */
export class GraphNode {
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
  const stack: { node: GraphNode; next: number }[] = [];
  for (const { node: root } of outputs) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top.node.inputs[top.next++];
      if (!input) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(input.node)) {
        seen.add(input.node);
        stack.push({ node: input.node, next: 0 });
      }
    }
  }
  return order;
}

/**
 * The graph with other nodes in the places of some. Nodes without inputs are shared with the old graph.
 *
 * @param replace is called with each node, inputs before their users, and with its inputs in the new graph; without an answer the node
 *   stays what it is. Outputs of what it answers go by the numbers that the old node's had
 * @returns `outputs` of the new graph, in their old order
 */
export function rewrite(
  outputs: NodeRef[],
  replace: (node: GraphNode, inputs: NodeRef[]) => GraphNode | undefined,
): NodeRef[] {
  const renewed = new Map<GraphNode, GraphNode>();
  const renew = ({ node, index }: NodeRef): NodeRef => ({ node: renewed.get(node)!, index });
  for (const node of liveNodes(outputs)) {
    const inputs = node.inputs.map(renew);
    const same = (): GraphNode =>
      inputs.length === 0 ? node : new GraphNode(node.op, node.attrs, inputs, node.outputs);
    renewed.set(node, replace(node, inputs) ?? same());
  }
  return outputs.map(renew);
}

/** A native handle of a constant's numbers, which the caller deletes. */
export function handleOf(binding: NativeBinding, { dtype, shape, read, handle }: ConstantValue): number {
  return handle ? handle() : binding.createTensor(shape, dtype, read());
}
