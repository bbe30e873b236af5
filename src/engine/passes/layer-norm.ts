import { attributes } from '../attrs.js';
import { GraphNode, outputOf, rewrite, type NodeRef } from '../graph.js';
import type { NativeBinding } from '../native.js';
import { reshaped } from '../nodes.js';

/** The parts of a layer normalization. */
interface Norm {
  x: NodeRef;
  scale: NodeRef;
  offset: NodeRef;
  epsilon: number;
}

const SUM = /^(Add|AddV2|BiasAdd)$/;

/**
 * The same graph with layer normalizations over the last axis as one op each, of `install/kernels.cc`. TensorFlow has none that is right (see
 * `separateLayerNorm`), and the ten ops that one is written as read and write the tensor eight times.
 *
 * @param outputs of an fp32 graph for inference
 * @returns `outputs` of the new graph, in their old order; results differ by fp32 rounding
 */
export function layerNorms(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const { type, float } = attributes(binding);
  return rewrite(outputs, (node, inputs) => {
    if (!SUM.test(node.op) || node.outputs[0]!.dtype !== binding.TF_FLOAT) return undefined;
    const norm = normOf(inputs, node.outputs[0]!.shape);
    if (!norm) return undefined;
    const channels = [outputOf(norm.x).shape.at(-1)!];
    const given = [norm.x, reshaped(binding, norm.scale, channels), reshaped(binding, norm.offset, channels)];
    const attrs = [type('T', binding.TF_FLOAT), { ...float('numbers', 0), value: [norm.epsilon] }];
    return new GraphNode('GearnnLayerNorm', attrs, given, node.outputs);
  });
}

/** `(x - mean) / sqrt(variance + epsilon) * scale + offset`. */
function normOf(terms: readonly NodeRef[], shape: number[]): Norm | undefined {
  for (const [offset, scaled] of bothOrders(terms)) {
    if (scaled.node.op !== 'Mul' || !isVector(offset, shape)) continue;
    for (const [scale, standard] of bothOrders(scaled.node.inputs)) {
      if (!isVector(scale, shape)) continue;
      const found = standardOf(standard);
      if (found && outputOf(found.x).shape.join() === shape.join()) return { ...found, scale, offset };
    }
  }
  return undefined;
}

/** `(x - mean) / sqrt(variance + epsilon)`. */
function standardOf({ node }: NodeRef): Pick<Norm, 'x' | 'epsilon'> | undefined {
  const pairs = node.op === 'Mul' ? bothOrders(node.inputs) : node.op === 'RealDiv' ? [node.inputs] : [];
  for (const [difference, factor] of pairs) {
    const x = centred(difference!);
    const root = factor!.node;
    if (!x || root.op !== (node.op === 'Mul' ? 'Rsqrt' : 'Sqrt')) continue;
    const sum = root.inputs[0]!.node;
    if (!SUM.test(sum.op)) continue;
    for (const [added, variance] of bothOrders(sum.inputs)) {
      const epsilon = numberOf(added);
      const squared = meanOf(variance);
      if (epsilon !== undefined && squared && isSame(squareOf(squared), x)) return { x, epsilon };
    }
  }
  return undefined;
}

/** `x` of `x - mean(x)`. */
function centred({ node }: NodeRef): NodeRef | undefined {
  const [x, mean] = node.inputs;
  return node.op === 'Sub' && isSame(meanOf(mean!), x!) ? x : undefined;
}

/** `x` of `(x - mean(x)) ** 2`. */
function squareOf({ node }: NodeRef): NodeRef | undefined {
  const [a, b] = node.inputs as [NodeRef, NodeRef];
  switch (node.op) {
    case 'Square':
      return centred(a);
    case 'SquaredDifference':
      return isSame(meanOf(b), a) ? a : undefined;
    case 'Mul':
      return isSame(a, b) ? centred(a) : undefined;
    case 'Pow':
      return numberOf(b) === 2 ? centred(a) : undefined;
    default:
      return undefined;
  }
}

/** What a value is the mean of, over the last axis. */
function meanOf(ref: NodeRef): NodeRef | undefined {
  const { node } = ref.node.op === 'Reshape' ? ref.node.inputs[0]! : ref;
  if (node.op !== 'Mean') return undefined;
  const [x, axes] = node.inputs as [NodeRef, NodeRef];
  const rank = outputOf(x).shape.length;
  const axis = numberOf(axes);
  return axis === rank - 1 || axis === -1 ? x : undefined;
}

/** One number for each of the last axis. */
function isVector(ref: NodeRef, shape: number[]): boolean {
  const own = outputOf(ref).shape;
  return own.length > 0 && own.at(-1) === shape.at(-1) && own.slice(0, -1).every((side) => side === 1);
}

/** A constant of one number. */
function numberOf({ node }: NodeRef): number | undefined {
  if (node.value?.shape.some((side) => side !== 1) !== false) return undefined;
  return Number((node.value.read() as ArrayLike<number>)[0]);
}

function bothOrders(refs: readonly NodeRef[]): [NodeRef, NodeRef][] {
  const [a, b] = refs as [NodeRef, NodeRef];
  return [[a, b], [b, a]]; // prettier-ignore
}

function isSame(one: NodeRef | undefined, other: NodeRef | undefined): boolean {
  return one !== undefined && other !== undefined && one.node === other.node && one.index === other.index;
}
