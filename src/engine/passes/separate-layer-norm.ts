import { type GraphNode, rewrite, type NodeRef } from '../graph.js';
import type { NativeBinding } from '../native.js';
import { passOn } from '../nodes.js';

/**
 * The same graph, in which TensorFlow leaves normalizations by an input's own mean and variance as they are: the root of the variance is of
 * a Snapshot, which hands on the buffer that it gets.
 *
 * TensorFlow 2.21 takes them for a layer normalization by oneDNN where all axes but the last have size 1 and rank is 2 or 3. That kernel
 * refuses a scale of more axes than one ("scale must be 1D tensor"), and its answer with one is wrong by as much as the answer itself.
 *
 * @returns `outputs` of the new graph, in their old order
 */
export function separateLayerNorm(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  return rewrite(outputs, (node, [x]) =>
    isDeviation(node) ? node.with({ inputs: [passOn(binding, 'Snapshot', x!)] }) : undefined,
  );
}

/** `sqrt(mean + epsilon)`, or one over it. */
function isDeviation({ op, inputs }: GraphNode): boolean {
  if (op !== 'Rsqrt' && op !== 'Sqrt') return false;
  const sum = inputs[0]!.node;
  return /^Add(V2)?$/.test(sum.op) && sum.inputs.some((ref) => unshaped(ref).op === 'Mean');
}

function unshaped({ node }: NodeRef): GraphNode {
  return node.op === 'Reshape' ? unshaped(node.inputs[0]!) : node;
}
