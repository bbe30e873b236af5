import type { OpAttr } from './native.js';

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
  values: ArrayBufferView | unknown[];
}

/** A native op in a recorded graph. */
export class GraphNode {
  value?: ConstantValue;

  constructor(
    readonly op: string,
    readonly attrs: OpAttr[],
    readonly inputs: NodeRef[],
    readonly outputs: OutputInfo[],
  ) {}

  static placeholder(dtype: number, shape: number[]): GraphNode {
    return new GraphNode('Placeholder', [], [], [{ dtype, shape }]);
  }

  static constant(dtype: number, shape: number[], values: ArrayBufferView | unknown[]): GraphNode {
    const node = new GraphNode('Const', [], [], [{ dtype, shape }]);
    // The caller may reuse its array; a constant is what it was when the op ran.
    const kept = ArrayBuffer.isView(values) ? (values as Float32Array).slice() : [...values];
    node.value = { dtype, shape, values: kept };
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
