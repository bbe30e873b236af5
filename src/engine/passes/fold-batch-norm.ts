import { attributes } from '../attrs.js';
import { GraphNode, outputOf, rewrite, usesOf, type NodeRef } from '../graph.js';
import type { NativeBinding } from '../native.js';

/** What a linear op's weights, its second input, are. */
interface Kind {
  /** How many of the weights' axes, the last ones, come behind those that tell the output channel, and how many these are. */
  behind: number;
  channels: number;
}

/** Linear ops whose output has its channels last. */
const KINDS: Readonly<Record<string, (node: GraphNode) => Kind>> = {
  Conv2D: () => ({ behind: 0, channels: 1 }),
  DepthwiseConv2dNative: () => ({ behind: 0, channels: 2 }),
  Conv2DBackpropInput: () => ({ behind: 1, channels: 1 }),
  MatMul: (node) => ({ behind: node.attr('transpose_b') === true ? 1 : 0, channels: 1 }),
};
/** Those whose weights are next to nothing beside what they are multiplied with. */
const SMALL_WEIGHTS: ReadonlySet<string> = new Set(['DepthwiseConv2dNative', 'Conv2DBackpropInput']);

/**
 * The same graph with normalizations by given statistics folded into the convolution or matrix product that each follows: of constant weights
 * and statistics what is left is one addition per channel. Of others, where the normalization is but a scale and a shift, those of depthwise
 * convolutions go into the filter, which is small, and those of matrix products are a product and a sum: as normalizations both take several
 * times as long. TensorFlow itself makes one op of a convolution and its normalization.
 *
 * @param outputs of an fp32 graph
 * @returns `outputs` of the new graph, in their old order; results differ by fp32 rounding
 */
export function foldBatchNorm(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const uses = usesOf(outputs);
  return rewrite(outputs, (node, [x]) => {
    if (node.op !== 'FusedBatchNormV3' || node.attr('is_training') !== false) return undefined;
    // Whoever reads the other outputs (a gradient) wants the normalization itself: then it has uses beyond its one reader's.
    const chain = chainOf(node.inputs[0]!.node);
    if (!chain || chain.some((one) => uses.get(one) !== 1)) return undefined;
    const made = chainOf(x!.node)!;
    const linear = made.at(-1)!;
    const isConstant = [node.inputs.slice(1), linear.inputs.slice(1, 2)].flat().every((ref) => ref.node.value);
    const folded = isConstant
      ? fold(binding, node, linear)
      : isAffine(node)
        ? affine(binding, node, linear)
        : undefined;
    // Shapes between the two are given again, behind the sum.
    return (
      folded &&
      made.slice(0, -1).reduceRight((last, shaped) => shaped.with({ inputs: [ref(last), shaped.inputs[1]!] }), folded)
    );
  });
}

/** Reshapes from a normalization's input up to a convolution or product by one matrix, which comes last. */
function chainOf(node: GraphNode): GraphNode[] | undefined {
  if (node.op === 'Reshape') {
    const before = chainOf(node.inputs[0]!.node);
    // Channels have to stay last.
    const [from, to] = [outputOf(node.inputs[0]!), node.outputs[0]!].map(({ shape }) => shape.at(-1));
    return before && from === to ? [node, ...before] : undefined;
  }
  return KINDS[node.op] && [node];
}

/** `(conv(x, w) - mean) * factor + offset = conv(x, w * factor) + (offset - mean * factor)`. */
function fold(binding: NativeBinding, node: GraphNode, linear: GraphNode): GraphNode {
  const { factor, bias } = factorsOf(node);
  const added = ref(GraphNode.frozen(binding.TF_FLOAT, [bias.length], 4, () => bias));
  return biasAdd(binding, withFactor(linear, factor), added);
}

/** A normalization by constants as `x * factor + bias`, factor = scale / sqrt(variance + epsilon), bias = offset - mean * factor. */
export function factorsOf(node: GraphNode): { factor: Float32Array; bias: Float32Array } {
  const [scale, offset, mean, variance] = node.inputs.slice(1).map(floats);
  const epsilon = node.attr('epsilon') as number;
  const factor = scale!.map((s, c) => s / Math.sqrt(variance![c]! + epsilon));
  return { factor, bias: offset!.map((o, c) => o - mean![c]! * factor[c]!) };
}

/** Whether an op is linear, with its channels last and weights that are constant. */
export function isConstantLinear(node: GraphNode): boolean {
  return KINDS[node.op] !== undefined && node.inputs[1]!.node.value !== undefined;
}

/** A linear op of constant weights whose results are multiplied, channel by channel. */
export function withFactor(linear: GraphNode, factor: Float32Array): GraphNode {
  const weights = linear.inputs[1]!;
  const { dtype, shape } = weights.node.value!;
  const { behind } = KINDS[linear.op]!(linear);
  const width = product(shape.slice(shape.length - behind));
  const scaledWeights = (): Float32Array => {
    const values = floats(weights).slice();
    for (let i = 0; i < values.length; i++) values[i]! *= factor[Math.floor(i / width) % factor.length]!;
    return values;
  };
  return withWeights(linear, ref(GraphNode.frozen(dtype, shape, 4, scaledWeights)));
}

/** The same of a scale and an offset that are fed. */
function affine(binding: NativeBinding, node: GraphNode, linear: GraphNode): GraphNode | undefined {
  const [, scale, offset] = node.inputs as [NodeRef, NodeRef, NodeRef];
  if (linear.op === 'Conv2D') return undefined;
  if (!SMALL_WEIGHTS.has(linear.op)) return biasAdd(binding, multiply(binding, ref(linear), scale), offset);
  const { type } = attributes(binding);
  const weights = linear.inputs[1]!;
  const { behind, channels } = KINDS[linear.op]!(linear);
  const sides = outputOf(weights).shape.slice(-channels - behind);
  const shape = sides.map((side, i) => (i < channels ? side : 1));
  const sizes = ref(GraphNode.constant(binding.TF_INT32, [shape.length], Int32Array.from(shape)));
  const attrs = [type('T', binding.TF_FLOAT), type('Tshape', binding.TF_INT32)];
  const shaped = new GraphNode('Reshape', attrs, [scale, sizes], [{ dtype: binding.TF_FLOAT, shape }]);
  const scaled = ref(multiply(binding, weights, ref(shaped)));
  return biasAdd(binding, withWeights(linear, scaled), offset);
}

function withWeights(linear: GraphNode, weights: NodeRef): GraphNode {
  return linear.with({ inputs: linear.inputs.map((input, i) => (i === 1 ? weights : input)) });
}

/** Whether a normalization is `x * scale + offset`. */
function isAffine(node: GraphNode): boolean {
  const all = ({ node }: NodeRef, number: number): boolean =>
    (node.value?.read() as Float32Array | undefined)?.every((value) => value === number) ?? false;
  return node.attr('epsilon') === 0 && all(node.inputs[3]!, 0) && all(node.inputs[4]!, 1);
}

/** A product whose second operand broadcasts to the first one. */
function multiply(binding: NativeBinding, x: NodeRef, by: NodeRef): GraphNode {
  return new GraphNode('Mul', [attributes(binding).type('T', binding.TF_FLOAT)], [x, by], [outputOf(x)]);
}

export function biasAdd(binding: NativeBinding, x: GraphNode, bias: NodeRef): GraphNode {
  const { type, text } = attributes(binding);
  const attrs = [type('T', binding.TF_FLOAT), text('data_format', 'NHWC')];
  return new GraphNode('BiasAdd', attrs, [ref(x), bias], [x.outputs[0]!]);
}

function floats({ node }: NodeRef): Float32Array {
  return node.value!.read() as Float32Array;
}

function ref(node: GraphNode): NodeRef {
  return { node, index: 0 };
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}
