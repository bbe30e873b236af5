import { attributes } from './attrs.js';
import { GraphNode, liveNodes, rewrite, type NodeRef } from './graph.js';
import type { NativeBinding } from './native.js';

/**
 * The same graph with every normalization by constant statistics that follows a convolution with constant weights folded into that
 * convolution: the weights are scaled per output channel, and what is left is one addition per channel.
 *
 * @param outputs of an fp32 graph
 * @returns `outputs` of the new graph, in their old order; results differ by fp32 rounding
 */
export function foldBatchNorm(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const nodes = liveNodes(outputs);
  const uses = new Map<GraphNode, number>();
  for (const { node } of [...outputs, ...nodes.flatMap(({ inputs }) => inputs)])
    uses.set(node, (uses.get(node) ?? 0) + 1);
  return rewrite(outputs, (node, inputs) => (foldable(node, uses) ? fold(binding, node, inputs[0]!.node) : undefined));
}

function foldable(node: GraphNode, uses: Map<GraphNode, number>): boolean {
  if (node.op !== 'FusedBatchNormV3' || node.attr('is_training') !== false) return false;
  const [x, ...statistics] = node.inputs;
  const convolution = x!.node;
  // Whoever reads the other outputs (a gradient) wants the normalization itself: then it has uses beyond its one reader's.
  return (
    statistics.every((ref) => ref.node.value) &&
    convolution.op === 'Conv2D' &&
    uses.get(convolution) === 1 &&
    convolution.inputs[1]!.node.value !== undefined
  );
}

/** `(conv(x, w) - mean) * factor + offset = conv(x, w * factor) + (offset - mean * factor)`, factor = scale / sqrt(variance + epsilon). */
function fold(binding: NativeBinding, node: GraphNode, convolution: GraphNode): GraphNode {
  const floats = ({ node }: NodeRef): Float32Array => node.value!.read() as Float32Array;
  const [scale, offset, mean, variance] = node.inputs.slice(1).map(floats);
  const epsilon = node.attr('epsilon') as number;
  const [x, filter] = convolution.inputs as [NodeRef, NodeRef];
  const { dtype, shape } = filter.node.value!;
  const channels = scale!.length;
  const factor = scale!.map((s, c) => s / Math.sqrt(variance![c]! + epsilon));
  const bias = offset!.map((o, c) => o - mean![c]! * factor[c]!);
  const scaledWeights = (): Float32Array => {
    const weights = floats(filter).slice();
    for (let i = 0; i < weights.length; i++) weights[i]! *= factor[i % channels]!;
    return weights;
  };
  const scaled = { node: GraphNode.frozen(dtype, shape, 4, scaledWeights), index: 0 };
  const added = { node: GraphNode.frozen(dtype, [channels], 4, () => bias), index: 0 };
  const product = new GraphNode('Conv2D', convolution.attrs, [x, scaled], convolution.outputs);
  const { type, text } = attributes(binding);
  const attrs = [type('T', binding.TF_FLOAT), text('data_format', 'NHWC')];
  return new GraphNode('BiasAdd', attrs, [{ node: product, index: 0 }, added], [node.outputs[0]!]);
}
