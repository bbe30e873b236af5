import { GraphNode, rewrite, type NodeRef } from '../graph.js';
import { DT_BFLOAT16, type NativeBinding } from '../native.js';
import { cast } from '../nodes.js';

/** Ops whose results are bfloat16 numbers where their data is: they choose, move or clear numbers. */
const EXACT = new Set(['Relu', 'ReluGrad', 'Pad', 'Slice', 'Reshape', 'ConcatV2', 'MaxPool', 'ResizeNearestNeighbor']);

/**
 * A graph in bfloat16 as one in fp32 that rounds wherever the first would: for processors without bf16 arithmetic. A product of two
 * bfloat16 numbers is exact in fp32, and native kernels sum such products in fp32 too, so what differs is the order of sums.
 *
 * @param outputs of a graph that `toBfloat16` made, none of them bfloat16
 * @returns `outputs` of the new graph, in their old order and types; Placeholders are shared with the old graph
 */
export function imitateBfloat16(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const float = binding.TF_FLOAT;
  const round = (ref: NodeRef): NodeRef => cast(binding, cast(binding, ref, DT_BFLOAT16), float);

  return rewrite(outputs, (node, inputs) => {
    const isBf16 = node.outputs.map(({ dtype }) => dtype === DT_BFLOAT16);
    if (node.value && isBf16[0]) return widened(node, float);
    if (inputs.length === 0) return undefined;
    if (node.op === 'Cast' && isBf16[0]) return [round(inputs[0]!)];
    if (node.op === 'Cast' && node.attr('SrcT') === DT_BFLOAT16) return inputs;
    const wide = (value: unknown): unknown => (value === DT_BFLOAT16 ? float : value);
    const attrs = node.attrs.map(({ value, ...attr }) => ({
      ...attr,
      value: attr.type !== binding.TF_ATTR_TYPE ? value : Array.isArray(value) ? value.map(wide) : wide(value),
    }));
    const made = node.outputs.map((output, i) => (isBf16[i] ? { ...output, dtype: float } : output));
    const { refs } = node.with({ attrs, inputs, outputs: made });
    return refs.map((ref, i) => (isBf16[i] && !EXACT.has(node.op) ? round(ref) : ref));
  });
}

/** A constant of bfloat16 numbers as one of the same numbers in fp32, whose upper halves they are. */
function widened({ value }: GraphNode, float: number): GraphNode {
  const { shape, read } = value!;
  return GraphNode.frozen(float, shape, 4, () => {
    const bits = Uint32Array.from(read() as Uint16Array, (half) => half << 16);
    return new Float32Array(bits.buffer);
  });
}
