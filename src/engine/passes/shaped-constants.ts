import { attributes } from '../attrs.js';
import { type ConstantValue, GraphNode, handleOf, outputOf, rewrite, type NodeRef } from '../graph.js';
import type { NativeBinding } from '../native.js';

/**
 * The same graph with frozen values in the shapes in which they are used, so that what folds weights, and TensorFlow, find them to be constants.
 *
 * @returns `outputs` of the new graph, in their old order
 */
export function shapeConstants(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  return rewrite(outputs, (node, [x]) => {
    const value = x?.node.value;
    if (node.op !== 'Reshape' || !value || value.byteLength === undefined || x.node.isWritten) return undefined;
    return constantAs(binding, value, outputOf({ node, index: 0 }).shape);
  });
}

/** A constant of the same numbers in another shape; nothing is copied. */
export function constantAs(binding: NativeBinding, value: ConstantValue, shape: number[]): GraphNode {
  const { dtype, read, byteLength } = value;
  const { type } = attributes(binding);
  const handle = (): number => {
    const whole = handleOf(binding, value);
    const sizes = binding.createTensor([shape.length], binding.TF_INT32, Int32Array.from(shape));
    const [made] = binding.executeOp(
      'Reshape',
      [type('T', dtype), type('Tshape', binding.TF_INT32)],
      [whole, sizes],
      1,
    );
    for (const id of [whole, sizes]) binding.deleteTensor(id);
    return made!.id;
  };
  const size = shape.reduce((product, side) => product * side, 1);
  return GraphNode.frozen(dtype, shape, byteLength! / Math.max(1, size), () => read() as ArrayBufferView, handle);
}
