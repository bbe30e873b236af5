import { attributes } from '../attrs.js';
import { GraphNode, outputOf, rewrite, usesOf, type NodeRef } from '../graph.js';
import type { NativeBinding, OpAttr } from '../native.js';
import { reshaped } from '../nodes.js';
import { isHardSwish } from './pointwise.js';

/** Ops that have a kernel which also adds and activates, by that kernel's op, and whether that adds more than a vector. */
const JOINED: Readonly<Record<string, { op: string; adds: boolean }>> = {
  Conv2D: { op: '_FusedConv2D', adds: true },
  DepthwiseConv2dNative: { op: '_FusedDepthwiseConv2dNative', adds: false },
};
const ACTIVATIONS = ['Relu', 'Relu6'];
const BY_JOINED = new Map(Object.values(JOINED).map((kind) => [kind.op, kind]));
const SUM = /^(Add|AddV2|BiasAdd)$/;

/** A linear op that what follows it may join. */
interface Joint {
  made: GraphNode;
  /** Of the value that follows: the op's own, or the same with other axes in front of the channels. */
  shape: number[];
}

/**
 * The same graph with what follows a convolution or a matrix product in its kernel, as far as oneDNN has it: a vector over channels that is added, a
 * picture of the same size that is added, ReLU, ReLU6, hard swish. TensorFlow joins some of that by itself: no residual sums, as it has
 * made one op of both sums before, nothing behind new shapes, and nothing in bf16 where a constant is in fp32.
 *
 * @param outputs of an fp32 graph for inference
 * @returns `outputs` of the new graph, in their old order; results differ by fp32 rounding
 */
export function joinLinear(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const uses = usesOf(outputs);
  return rewrite(outputs, (node, inputs) => {
    /** The linear op that makes an input which nothing else reads. */
    const jointOf = (old: NodeRef, ref: NodeRef): Joint | undefined => {
      if (uses.get(old.node) !== 1 || old.index > 0) return undefined;
      const shape = outputOf(ref).shape;
      let [before, made] = [old.node, ref.node];
      while (made.op === 'Reshape' && made.outputs[0]!.shape.at(-1) === shape.at(-1)) {
        made = made.inputs[0]!.node;
        // What this made itself has new shapes of its own.
        if (before.op !== 'Reshape') continue;
        before = before.inputs[0]!.node;
        if (uses.get(before) !== 1) return undefined;
      }
      return made.outputs[0]!.shape.at(-1) === shape.at(-1) ? { made, shape } : undefined;
    };
    if (SUM.test(node.op)) {
      for (const place of [0, 1]) {
        const joint = jointOf(node.inputs[place]!, inputs[place]!);
        const made = joint && withSum(binding, joint, inputs[1 - place]!, node.outputs[0]!.shape);
        if (made) return [made];
      }
      return undefined;
    }
    const joint = node.inputs.length === 1 ? jointOf(node.inputs[0]!, inputs[0]!) : undefined;
    if (!joint || !BY_JOINED.has(joint.made.op) || !/Add$/.test(opsOf(joint.made).at(-1)!)) return undefined;
    const before = opsOf(joint.made).join();
    if (isHardSwish(node)) return before === 'BiasAdd' ? [withOp(binding, joint, '_FusedHardSwish')] : undefined;
    return ACTIVATIONS.includes(node.op) ? [withOp(binding, joint, node.op)] : undefined;
  });
}

/** A linear op and a vector over channels; or such a pair and what has the same size. */
function withSum(binding: NativeBinding, joint: Joint, other: NodeRef, sum: number[]): NodeRef | undefined {
  const { made, shape } = joint;
  if (outputOf(other).dtype !== binding.TF_FLOAT || sum.join() !== shape.join()) return undefined;
  const kind = JOINED[made.op];
  const channels = shape.at(-1)!;
  if (kind) {
    const size = outputOf(other).shape;
    if (size.at(-1) !== channels || size.slice(0, -1).some((side) => side !== 1)) return undefined;
    const inputs = [...made.inputs, reshaped(binding, other, [channels])];
    const attrs = joinedAttributes(binding, kind.op, made.attrs, ['BiasAdd']);
    const node = new GraphNode(kind.op, attrs, inputs, made.outputs);
    return reshaped(binding, { node, index: 0 }, shape);
  }
  const fits = BY_JOINED.get(made.op)?.adds && opsOf(made).join() === 'BiasAdd';
  if (!fits || outputOf(other).shape.join() !== shape.join()) return undefined;
  return withOp(binding, joint, 'Add', reshaped(binding, other, made.outputs[0]!.shape));
}

function withOp(binding: NativeBinding, { made, shape }: Joint, op: string, ...picture: NodeRef[]): NodeRef {
  const attrs = joinedAttributes(binding, made.op, made.attrs, [...opsOf(made), op]);
  const node = new GraphNode(made.op, attrs, [...made.inputs, ...picture], made.outputs);
  return reshaped(binding, { node, index: 0 }, shape);
}

/** Attributes that tell what is joined. */
const OWN: ReadonlySet<string> = new Set(['num_args', 'fused_ops', 'epsilon', 'leakyrelu_alpha', 'TArgs']);

/** @source tensorflow/core/ops/nn_ops.cc, `_FusedConv2D` and `_FusedDepthwiseConv2dNative` */
function joinedAttributes(
  binding: NativeBinding,
  op: string,
  attrs: readonly OpAttr[],
  joined: readonly string[],
): OpAttr[] {
  const { type, int, text, float } = attributes(binding);
  const isConvolution = op === '_FusedConv2D';
  const own = attrs.filter(({ name }) => !OWN.has(name) && (isConvolution || name !== 'use_cudnn_on_gpu'));
  const count = joined.filter((one) => /Add$/.test(one)).length;
  return [
    ...own,
    int('num_args', count),
    { ...text('fused_ops', ''), value: [...joined] },
    float('epsilon', 0),
    float('leakyrelu_alpha', 0),
    ...(isConvolution ? [{ ...type('TArgs', 0), value: Array<number>(count).fill(binding.TF_FLOAT) }] : []),
  ];
}

function opsOf(made: GraphNode): string[] {
  return (made.attr('fused_ops') as string[] | undefined) ?? [];
}
