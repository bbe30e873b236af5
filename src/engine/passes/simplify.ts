import { outputOf, rewrite, type NodeRef } from '../graph.js';
import { reshaped } from '../nodes.js';
import type { NativeBinding } from '../native.js';

/**
 * The same graph without what changes nothing: casts to the type that is there, new shapes of what gets another at once, shapes that are there.
 *
 * @returns `outputs` of the new graph, in their old order; the same values
 */
export function simplify(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  return rewrite(outputs, (node, [x]) => {
    if (node.op === 'Cast' && outputOf(x!).dtype === node.outputs[0]!.dtype) return [x!];
    if (node.op !== 'Reshape') return undefined;
    const { shape } = node.outputs[0]!;
    const before = x!.node.op === 'Reshape' ? x!.node.inputs[0]! : x!;
    if (outputOf(before).shape.join() === shape.join()) return [before];
    return before === x ? undefined : [reshaped(binding, before, shape)];
  });
}
