import { attributes } from '../attrs.js';
import { GraphNode, outputOf, rewrite, usesOf, type NodeRef } from '../graph.js';
import type { NativeBinding } from '../native.js';

/** What `install/kernels.cc` does to every number, by its code there. */
const STEPS = { mul: 0, add: 1, min: 2, max: 3, hardSwish: 4, gelu: 5, sigmoid: 6, silu: 7 } as const;
/** The op: `numbers` holds a code and a number of each step. */
export const POINTWISE = 'GearnnPointwise';
const SUM = /^Add(V2)?$/;

/** Whether a node is hard swish alone. */
export function isHardSwish(node: GraphNode): boolean {
  const steps = node.op === POINTWISE ? (node.attr('numbers') as number[]) : [];
  return steps.length === 2 && steps[0] === STEPS.hardSwish;
}

/**
 * The same graph with GELU by the error function, `0.5 x (1 + erf(x / sqrt(2)))`, and hard swish, `x relu6(x + 3) / 6`, and SiLU,
 * `x sigmoid(x)`, as one op each, whatever the order of their products.
 *
 * @param outputs of an fp32 graph for inference
 * @returns `outputs` of the new graph, in their old order; results differ by fp32 rounding
 */
export function joinActivations(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  return rewrite(outputs, (node, inputs) => {
    if (!/^(Mul|RealDiv)$/.test(node.op) || node.outputs[0]!.dtype !== binding.TF_FLOAT) return undefined;
    const found = activationOf(node.with({ inputs }));
    const isWhole = found && outputOf(found.x).shape.join() === node.outputs[0]!.shape.join();
    return isWhole ? pointwise(binding, found.x, [STEPS[found.name], 0]) : undefined;
  });
}

/**
 * The same graph with chains of what is done to every number by itself as one op, which reads and writes once: products with one constant number,
 * sums, limits, ReLU, the logistic function, and what {@link joinActivations} makes.
 *
 * @param outputs of an fp32 graph for inference
 * @returns `outputs` of the new graph, in their old order; the same values
 */
export function joinPointwise(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const uses = usesOf(outputs);
  return rewrite(outputs, (node, inputs) => {
    if (node.outputs[0]?.dtype !== binding.TF_FLOAT) return undefined;
    const found = stepsOf(node.with({ inputs }));
    if (!found || outputOf(inputs[found.place]!).shape.join() !== node.outputs[0].shape.join()) return undefined;
    const [before, x] = [node.inputs[found.place]!, inputs[found.place]!];
    if (x.node.value) return undefined;
    const isChain = x.node.op === POINTWISE && uses.get(before.node) === 1;
    if (!isChain) return pointwise(binding, x, found.steps);
    return pointwise(binding, x.node.inputs[0]!, [...(x.node.attr('numbers') as number[]), ...found.steps]);
  });
}

function pointwise(binding: NativeBinding, x: NodeRef, steps: number[]): GraphNode {
  const { type, float } = attributes(binding);
  const attrs = [type('T', binding.TF_FLOAT), { ...float('numbers', 0), value: steps }];
  return new GraphNode(POINTWISE, attrs, [x], [outputOf(x)]);
}

/** Steps that a node is, and the place of its input. */
function stepsOf(node: GraphNode): { place: number; steps: number[] } | undefined {
  const [first, second] = node.inputs;
  const number = second && numberOf(second);
  const symmetric = (code: number): { place: number; steps: number[] } | undefined => {
    const found = number ?? numberOf(first!);
    return found === undefined ? undefined : { place: number === undefined ? 1 : 0, steps: [code, found] };
  };
  switch (node.op) {
    case POINTWISE:
      return { place: 0, steps: node.attr('numbers') as number[] };
    case 'Relu':
      return { place: 0, steps: [STEPS.max, 0] };
    case 'Relu6':
      return { place: 0, steps: [STEPS.max, 0, STEPS.min, 6] };
    case 'Sigmoid':
      return { place: 0, steps: [STEPS.sigmoid, 0] };
    case 'Mul':
      return symmetric(STEPS.mul);
    case 'Add':
    case 'AddV2':
      return symmetric(STEPS.add);
    case 'Minimum':
      return symmetric(STEPS.min);
    case 'Maximum':
      return symmetric(STEPS.max);
    case 'Sub':
      return number === undefined ? undefined : { place: 0, steps: [STEPS.add, -number] };
    default:
      return undefined;
  }
}

function activationOf(node: GraphNode): { x: NodeRef; name: 'gelu' | 'hardSwish' | 'silu' } | undefined {
  if (node.op === 'Mul') {
    const place = node.inputs.findIndex((ref) => ref.node.op === 'Sigmoid');
    const x = node.inputs[1 - place]!;
    if (place >= 0 && isSame(node.inputs[place]!.node.inputs[0]!, x)) return { x, name: 'silu' };
  }
  const factors = factorsOf({ node, index: 0 }, 3);
  for (const [number, name, inner] of [
    [0.5, 'gelu', errorFunctionOf],
    [1 / 6, 'hardSwish', bentOf],
  ] as const) {
    const rest = factors.filter((ref) => !isNumber(ref, number));
    if (factors.length !== 3 || rest.length !== 2) continue;
    const place = rest.findIndex((ref) => inner(ref) !== undefined);
    const x = place < 0 ? undefined : inner(rest[place]!);
    if (x && isSame(x, rest[1 - place]!)) return { x, name };
  }
  return undefined;
}

/** What is multiplied, through products of products down to a depth; a quotient by six is a product with a sixth. */
function factorsOf(ref: NodeRef, depth: number): (NodeRef | number)[] {
  const { op, inputs } = ref.node;
  if (depth > 0 && op === 'Mul') return inputs.flatMap((one) => factorsOf(one, depth - 1));
  const by = op === 'RealDiv' && depth > 0 ? numberOf(inputs[1]!) : undefined;
  return by === undefined ? [ref] : [...factorsOf(inputs[0]!, depth - 1), 1 / by];
}

/** `x` of `1 + erf(x / sqrt(2))`. */
function errorFunctionOf(ref: NodeRef | number): NodeRef | undefined {
  if (typeof ref === 'number' || !SUM.test(ref.node.op)) return undefined;
  const { inputs } = ref.node;
  const erf = inputs.find((one, i) => one.node.op === 'Erf' && isNumber(inputs[1 - i]!, 1));
  const scaled = erf?.node.inputs[0]!.node;
  if (scaled?.op === 'RealDiv' && isNumber(scaled.inputs[1]!, Math.SQRT2)) return scaled.inputs[0];
  if (scaled?.op !== 'Mul') return undefined;
  const place = scaled.inputs.findIndex((one) => isNumber(one, Math.SQRT1_2));
  return place < 0 ? undefined : scaled.inputs[1 - place];
}

/** `x` of `relu6(x + 3)`. */
function bentOf(ref: NodeRef | number): NodeRef | undefined {
  if (typeof ref === 'number' || ref.node.op !== 'Relu6') return undefined;
  const sum = ref.node.inputs[0]!.node;
  if (!SUM.test(sum.op)) return undefined;
  const place = sum.inputs.findIndex((one) => isNumber(one, 3));
  return place < 0 ? undefined : sum.inputs[1 - place];
}

/** Whether something is one constant number, as near as fp32 comes to it. */
function isNumber(ref: NodeRef | number, expected: number): boolean {
  const number = typeof ref === 'number' ? ref : numberOf(ref);
  return number !== undefined && Math.abs(number - expected) <= 1e-6 * expected;
}

function numberOf({ node }: NodeRef): number | undefined {
  if (node.value?.shape.some((side) => side !== 1) !== false) return undefined;
  const values = node.value.read();
  return values instanceof Float32Array ? values[0] : undefined;
}

function isSame(one: NodeRef, other: NodeRef | number): boolean {
  return typeof other !== 'number' && one.node === other.node && one.index === other.index;
}
