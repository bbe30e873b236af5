import { attributes } from '../attrs.js';
import { GraphNode, outputOf, rewrite, type NodeRef } from '../graph.js';
import type { NativeBinding } from '../native.js';
import { reshaped } from '../nodes.js';
import { constantAs } from './shaped-constants.js';

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

/**
 * The same graph with products by constant matrices as convolutions of one pixel: oneDNN's kernel for products leaves a second thread next to nothing to
 * do where rows are few (197x192 by 192x576 took 449 us on two threads, 437 on one; the convolution 234).
 *
 * @param outputs of an fp32 graph for inference
 * @returns `outputs` of the new graph, in their old order; results differ by fp32 rounding
 */
export function asConvolutions(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const { type, int, text, bool } = attributes(binding);
  return rewrite(outputs, (node, [x, matrix]) => {
    if (node.op !== 'MatMul' || node.outputs[0]!.dtype !== binding.TF_FLOAT || !matrix!.node.value?.byteLength)
      return undefined;
    if (node.attr('transpose_a') === true || node.attr('transpose_b') === true) return undefined;
    const [rows, seen] = outputOf(x!).shape as [number, number];
    const made = node.outputs[0]!.shape;
    const inputs = [
      reshaped(binding, x!, [1, 1, rows, seen]),
      { node: constantAs(binding, matrix!.node.value, [1, 1, seen, made[1]!]), index: 0 },
    ];
    const attrs = [
      text('padding', 'VALID'),
      type('T', binding.TF_FLOAT),
      int('strides', [1, 1, 1, 1]),
      text('data_format', 'NHWC'),
      int('dilations', [1, 1, 1, 1]),
      bool('use_cudnn_on_gpu', true),
    ];
    const shape = [1, 1, ...made];
    const convolution = new GraphNode('Conv2D', attrs, inputs, [{ dtype: binding.TF_FLOAT, shape }]);
    return [reshaped(binding, { node: convolution, index: 0 }, made)];
  });
}
