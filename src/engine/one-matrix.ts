import { attributes } from './attrs.js';
import { GraphNode, outputOf, rewrite, type NodeRef } from './graph.js';
import type { NativeBinding } from './native.js';

/**
 * The same graph with products of two matrices as what they are. TensorFlow.js computes every one as a batch, for which oneDNN's kernel takes
 * several times as long where matrices are small, and which TensorFlow joins with no bias or activation behind it.
 *
 * @param outputs of an fp32 graph
 * @returns `outputs` of the new graph, in their old order; results differ by fp32 rounding
 */
export function oneMatrix(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const { type, bool } = attributes(binding);
  return rewrite(outputs, (node, inputs) => {
    if (node.op !== 'BatchMatMulV2' || node.outputs[0]!.dtype !== binding.TF_FLOAT) return undefined;
    if (inputs.some((input) => outputOf(input).shape.length !== 2)) return undefined;
    const attrs = [
      type('T', binding.TF_FLOAT),
      bool('transpose_a', node.attr('adj_x') === true),
      bool('transpose_b', node.attr('adj_y') === true),
    ];
    return new GraphNode('MatMul', attrs, inputs, node.outputs);
  });
}
