import { type ConstantValue, GraphNode, handleOf, outputOf, rewrite, type NodeRef } from '../graph.js';
import { imitateBfloat16 } from './imitate-bf16.js';
import { DT_BFLOAT16, type NativeBinding, type OpAttr } from '../native.js';
import { cast, castAttributes } from '../nodes.js';
import { imitatesBf16 } from '../precision.js';

/** Which inputs of an op carry data that bfloat16 is exact enough for, and which of its outputs then are bfloat16. */
interface Rule {
  /** Positions; `floats` for every floating-point input of an op that takes any number. */
  data: number[] | 'floats';
  outputs: number[];
  /** Convert always (matrix work), or only where the data is bfloat16 already (cheap ops that follow). */
  when: 'always' | 'first-is-bf16' | 'all-data-is-bf16' | 'any-data-is-bf16';
}

/**
 * Weights, statistics, loss and optimizer stay in fp32; what flows between convolutions is bfloat16, and the products
 * are summed in fp32 inside oneDNN's kernels.
 */
const RULES: Record<string, Rule> = {
  Conv2D: { data: [0, 1], outputs: [0], when: 'always' },
  Conv2DBackpropInput: { data: [1, 2], outputs: [0], when: 'always' },
  Conv2DBackpropFilter: { data: [0, 2], outputs: [0], when: 'always' },
  Relu: { data: [0], outputs: [0], when: 'all-data-is-bf16' },
  ReluGrad: { data: [0, 1], outputs: [0], when: 'any-data-is-bf16' },
  Add: { data: [0, 1], outputs: [0], when: 'all-data-is-bf16' },
  AddV2: { data: [0, 1], outputs: [0], when: 'all-data-is-bf16' },
  MatMul: { data: [0, 1], outputs: [0], when: 'always' },
  Pad: { data: [0], outputs: [0], when: 'all-data-is-bf16' },
  Slice: { data: [0], outputs: [0], when: 'all-data-is-bf16' },
  Reshape: { data: [0], outputs: [0], when: 'all-data-is-bf16' },
  ConcatV2: { data: 'floats', outputs: [0], when: 'all-data-is-bf16' },
  AddN: { data: 'floats', outputs: [0], when: 'all-data-is-bf16' },
  BiasAdd: { data: [0, 1], outputs: [0], when: 'any-data-is-bf16' },
  FusedBatchNormV3: { data: [0], outputs: [0], when: 'all-data-is-bf16' },
  FusedBatchNormGradV3: { data: [0, 1], outputs: [0], when: 'any-data-is-bf16' },
};

/** Those of graphs for inference alone. */
const INFERENCE: Record<string, Rule> = {
  ...RULES,
  _FusedConv2D: { data: 'floats', outputs: [0], when: 'always' },
  _FusedDepthwiseConv2dNative: { data: 'floats', outputs: [0], when: 'first-is-bf16' },
  DepthwiseConv2dNative: { data: [0, 1], outputs: [0], when: 'first-is-bf16' },
  BatchMatMulV2: { data: [0, 1], outputs: [0], when: 'first-is-bf16' },
  Softmax: { data: [0], outputs: [0], when: 'first-is-bf16' },
  MaxPool: { data: [0], outputs: [0], when: 'first-is-bf16' },
  ResizeNearestNeighbor: { data: [0], outputs: [0], when: 'first-is-bf16' },
  Mul: { data: [0, 1], outputs: [0], when: 'all-data-is-bf16' },
  GearnnView: { data: [0], outputs: [0], when: 'first-is-bf16' },
  GearnnPointwise: { data: [0], outputs: [0], when: 'first-is-bf16' },
  GearnnLayerNorm: { data: [0], outputs: [0], when: 'first-is-bf16' },
};

/** {@link toBfloat16}, by the arithmetic that the running engine has for it. */
export function inBfloat16(binding: NativeBinding, outputs: NodeRef[], isInference = false): NodeRef[] {
  const made = toBfloat16(binding, outputs, isInference);
  return imitatesBf16() ? imitateBfloat16(binding, made) : made;
}

/**
 * The same graph with its heavy ops in bfloat16.
 *
 * @param outputs of an fp32 graph
 * @param isInference whether no gradient is taken: then more of it is in bfloat16
 * @returns `outputs` of the new graph, in their old order and types; Placeholders are shared with the old graph
 */
export function toBfloat16(binding: NativeBinding, outputs: NodeRef[], isInference = false): NodeRef[] {
  const rules = isInference ? INFERENCE : RULES;
  const casts = new Map<GraphNode, Map<string, NodeRef>>();

  const typedAs = (ref: NodeRef, dtype: number): NodeRef => {
    if (dtypeOf(ref) === dtype) return ref;
    const known = casts.get(ref.node) ?? new Map<string, NodeRef>();
    casts.set(ref.node, known);
    const key = `${ref.index}:${dtype}`;
    let made = known.get(key);
    if (!made) {
      const { value, isWritten } = ref.node;
      made =
        value && dtype === DT_BFLOAT16 && !isWritten
          ? { node: rounded(binding, value), index: 0 }
          : cast(binding, ref, dtype);
      known.set(key, made);
    }
    return made;
  };

  const made = rewrite(outputs, (node, inputs) => {
    const rule = rules[node.op];
    const isFloat = rule !== undefined && node.outputs[0]!.dtype === binding.TF_FLOAT;
    if (isFloat && applies(rule, node, inputs, binding.TF_FLOAT)) {
      const data = dataOf(rule, node, binding.TF_FLOAT);
      const typed = inputs.map((ref, i) => typedAs(ref, data.includes(i) ? DT_BFLOAT16 : dtypeOf(node.inputs[i]!)));
      const attrs = node.attrs.map((attr) => retyped(attr));
      const results = node.outputs.map((output, i) =>
        rule.outputs.includes(i) ? { ...output, dtype: DT_BFLOAT16 } : output,
      );
      return node.with({ attrs, inputs: typed, outputs: results });
    }
    if (inputs.length === 0) return undefined;
    const typed = inputs.map((ref, i) => typedAs(ref, dtypeOf(node.inputs[i]!)));
    return node.with({ inputs: typed });
  });
  return made.map((ref, i) => typedAs(ref, dtypeOf(outputs[i]!)));
}

/** @param inputs the node's, in the new graph */
function applies(rule: Rule, node: GraphNode, inputs: NodeRef[], float: number): boolean {
  if (rule.when === 'always') return true;
  if (rule.when === 'first-is-bf16') return dtypeOf(inputs[0]!) === DT_BFLOAT16;
  const areBf16 = dataOf(rule, node, float).map((i) => dtypeOf(inputs[i]!) === DT_BFLOAT16);
  return rule.when === 'all-data-is-bf16' ? areBf16.every(Boolean) : areBf16.some(Boolean);
}

/** A node's types of data; `TArgs` is a list of them. */
function retyped(attr: OpAttr): OpAttr {
  if (attr.name === 'T') return { ...attr, value: DT_BFLOAT16 };
  return attr.name === 'TArgs' ? { ...attr, value: (attr.value as number[]).map(() => DT_BFLOAT16) } : attr;
}

/** Positions of the inputs that a rule takes in bfloat16. */
function dataOf({ data }: Rule, node: GraphNode, float: number): number[] {
  const positions = [...node.inputs.keys()];
  return data === 'floats'
    ? positions.filter((i) => dtypeOf(node.inputs[i]!) === float)
    : positions.filter((i) => data.includes(i));
}

const dtypeOf = (ref: NodeRef): number => outputOf(ref).dtype;

/** A constant of the same numbers in bfloat16, rounded by whoever reads them or by TensorFlow. */
function rounded(binding: NativeBinding, constant: ConstantValue): GraphNode {
  const { dtype, shape, read } = constant;
  const handle = (): number => {
    const whole = handleOf(binding, constant);
    const [half] = binding.executeOp('Cast', castAttributes(binding, dtype, DT_BFLOAT16), [whole], 1);
    binding.deleteTensor(whole);
    return half!.id;
  };
  return GraphNode.frozen(DT_BFLOAT16, shape, 2, () => roundToBfloat16(read() as Float32Array), handle);
}

/** The numbers of a native tensor in bfloat16, which the binding cannot read as they are. */
export function readBfloat16(binding: NativeBinding, id: number): Uint16Array {
  const [whole] = binding.executeOp('Cast', castAttributes(binding, DT_BFLOAT16, binding.TF_FLOAT), [id], 1);
  try {
    return roundToBfloat16(binding.tensorDataSync(whole!.id) as Float32Array);
  } finally {
    binding.deleteTensor(whole!.id);
  }
}

/** fp32 to bfloat16, to the nearest, ties to even: the upper half of each number's bits. */
function roundToBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  // Rounding would carry some NaNs over into other numbers.
  return Uint16Array.from(bits, (b, i) => (Number.isNaN(values[i]) ? 0x7fc0 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16));
}
