import { attributes } from './attrs.js';
import { GraphNode, outputOf, type NodeRef } from './graph.js';
import type { NativeBinding, OpAttr } from './native.js';

/** The same values in another type, by TensorFlow's number of it. */
export function cast(binding: NativeBinding, ref: NodeRef, dtype: number): NodeRef {
  const { dtype: from, shape } = outputOf(ref);
  const node = new GraphNode('Cast', castAttributes(binding, from, dtype), [ref], [{ dtype, shape }]);
  return { node, index: 0 };
}

/** Of the op that {@link cast} makes a node of. */
export function castAttributes(binding: NativeBinding, from: number, to: number): OpAttr[] {
  const { type } = attributes(binding);
  return [type('SrcT', from), type('DstT', to)];
}

/** A node of an op that hands on the buffer that it gets. */
export function passOn(binding: NativeBinding, op: 'Identity' | 'Snapshot', ref: NodeRef): NodeRef {
  const output = outputOf(ref);
  return { node: new GraphNode(op, [attributes(binding).type('T', output.dtype)], [ref], [output]), index: 0 };
}

/** The same values in another shape, which copies nothing; what has that shape is handed back. */
export function reshaped(binding: NativeBinding, ref: NodeRef, shape: number[]): NodeRef {
  const { dtype, shape: before } = outputOf(ref);
  if (before.join() === shape.join()) return ref;
  const { type } = attributes(binding);
  const sizes = { node: GraphNode.constant(binding.TF_INT32, [shape.length], Int32Array.from(shape)), index: 0 };
  const attrs = [type('T', dtype), type('Tshape', binding.TF_INT32)];
  return { node: new GraphNode('Reshape', attrs, [ref, sizes], [{ dtype, shape }]), index: 0 };
}
