import { biasAdd, factorsOf, isConstantLinear, withFactor } from './fold-batch-norm.js';
import { GraphNode, outputOf, rewrite, usesOf, type NodeRef } from '../graph.js';
import type { NativeBinding } from '../native.js';

/** `x * factor + bias`, channel by channel. */
interface Affine {
  /** Place of `x` among the inputs. */
  place: number;
  factor?: Float32Array;
  bias?: Float32Array;
}

/**
 * The same graph with constant products and sums behind convolutions and matrix products folded into their weights and what they add: networks whose
 * exporters leave them, as Paddle's do of its learned scales. A sum alone becomes the convolution's own.
 *
 * @param outputs of an fp32 graph
 * @returns `outputs` of the new graph, in their old order; results differ by fp32 rounding
 */
export function foldNumbers(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const uses = usesOf(outputs);
  return rewrite(outputs, (node, inputs) => {
    if (node.outputs[0]?.dtype !== binding.TF_FLOAT) return undefined;
    const channels = node.outputs[0].shape.at(-1);
    if (channels === undefined) return undefined;
    const affine = affineOf(node.with({ inputs }), channels);
    if (!affine) return undefined;
    const [before, x] = [node.inputs[affine.place]!, inputs[affine.place]!];
    if (uses.get(before.node) !== 1 || outputOf(x).shape.join() !== node.outputs[0].shape.join()) return undefined;
    // Of a sum that was there, the linear op in front has to be for it alone.
    if (before.node.op === 'BiasAdd' && uses.get(before.node.inputs[0]!.node) !== 1) return undefined;
    const added = x.node.op === 'BiasAdd' ? x.node.inputs[1]!.node : undefined;
    const linear = added ? x.node.inputs[0]!.node : x.node;
    if (!isConstantLinear(linear) || (added && !added.value)) return undefined;
    const { factor = Float32Array.of(1), bias = Float32Array.of(0) } = affine;
    const old = added ? (added.value!.read() as Float32Array) : Float32Array.of(0);
    const at = (list: Float32Array, c: number): number => list[c % list.length]!;
    const sum = Float32Array.from({ length: channels }, (_, c) => at(old, c) * at(factor, c) + at(bias, c));
    const vector = { node: GraphNode.frozen(binding.TF_FLOAT, [channels], 4, () => sum), index: 0 };
    return biasAdd(binding, affine.factor ? withFactor(linear, factor) : linear, vector);
  });
}

function affineOf(node: GraphNode, channels: number): Affine | undefined {
  if (node.op === 'FusedBatchNormV3') {
    const isConstant = node.attr('is_training') === false && node.inputs.slice(1).every((ref) => ref.node.value);
    return isConstant ? { place: 0, ...factorsOf(node) } : undefined;
  }
  const [first, second] = node.inputs;
  const numbers = second && numbersOf(second, channels);
  switch (node.op) {
    case 'Mul':
    case 'Add':
    case 'AddV2':
    case 'BiasAdd': {
      const found = numbers ?? numbersOf(first!, channels);
      if (!found) return undefined;
      return { place: numbers ? 0 : 1, [node.op === 'Mul' ? 'factor' : 'bias']: found };
    }
    case 'Sub':
      return numbers && { place: 0, bias: numbers.map((value) => -value) };
    case 'RealDiv':
      return numbers && { place: 0, factor: numbers.map((value) => 1 / value) };
    default:
      return undefined;
  }
}

/** A constant of one number, or one for each channel. */
function numbersOf({ node }: NodeRef, channels: number): Float32Array | undefined {
  const { value } = node;
  if (!value) return undefined;
  const size = value.shape.reduce((product, side) => product * side, 1);
  if (size !== 1 && !(size === channels && value.shape.at(-1) === channels)) return undefined;
  const numbers = value.read();
  return numbers instanceof Float32Array ? numbers : undefined;
}
