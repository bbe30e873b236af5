import { liveNodes, type GraphNode, type NodeRef } from '../graph.js';

/** Values from which on it matters when a result is computed. */
const LARGE = 1024;
/** Ops of convolutions' gradients, the first of which begins the way back. */
const GRADIENTS = ['Conv2DBackpropInput', 'Conv2DBackpropFilter'];
/** Ops that run one after the other on the way back. Slices and padded copies of activations are ready long before they are of use. */
const ORDERED = new Set([...GRADIENTS, 'MatMul', 'Slice', 'Pad', 'PadV2']);

/**
 * Lets a training step compute in the order of its recording where memory depends on it. TensorFlow computes all that it can at once: weights
 * times their decay, momenta times theirs, and copies of activations for gradients would lie in memory while activations are at their most.
 * An op waits only for what was recorded before it, so there is no circle.
 *
 * @param outputs of a graph as it was recorded; its nodes are changed
 * @param inputs what the function was given, on which the forward pass depends and products of weights with numbers do not
 */
export function keepOrder(outputs: NodeRef[], inputs: readonly GraphNode[]): void {
  const nodes = liveNodes(outputs);
  const late = new Set(inputs);
  for (const node of nodes) if (node.inputs.some((ref) => late.has(ref.node))) late.add(node);
  let [last, gradient]: (GraphNode | undefined)[] = [];
  for (const node of nodes.sort((a, b) => a.serial - b.serial)) {
    if (node.inputs.length === 0) continue;
    if (!late.has(node)) {
      if (last && sizeOf(node) >= LARGE) node.after = [last];
      continue;
    }
    last = node;
    if (gradient ? !ORDERED.has(node.op) : !GRADIENTS.includes(node.op)) continue;
    if (gradient) node.after = [gradient];
    gradient = node;
  }
}

function sizeOf({ outputs }: GraphNode): number {
  return outputs.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}
