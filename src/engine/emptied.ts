import { attributes } from './attrs.js';
import type { GraphNode } from './graph.js';
import type { NativeBinding, NativeTensor } from './native.js';

/** Ops whose results are most of a network's memory. Nothing that stays after a recording is made by them. */
const HEAVY = new Set([
  ...['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter', 'DepthwiseConv2dNative', 'MatMul', 'BiasAdd'],
  ...['FusedBatchNormV3', 'FusedBatchNormGradV3', 'Relu', 'ReluGrad', 'Add', 'AddV2', 'Pad', 'PadV2', 'ConcatV2'],
  ...['Slice', 'Mul', 'Sub', 'BatchMatMulV2'],
]);
/** Values from which on a tensor has pages of its own, which are in memory once they are written. */
const OWN_PAGES = 2 ** 18;

/**
 * An op's result, or, where that is large, a tensor of its shape that takes no memory: what a recording computes is of no interest, and all of it
 * is there until the recording ends. The result is gone then.
 */
export function emptied(binding: NativeBinding, op: string, tensor: NativeTensor): NativeTensor {
  const { id, shape, dtype } = tensor;
  if (!HEAVY.has(op) || dtype !== binding.TF_FLOAT) return tensor;
  if (shape.reduce((product, size) => product * size, 1) < OWN_PAGES) return tensor;
  const size = binding.createTensor([shape.length], binding.TF_INT32, Int32Array.from(shape));
  const { type, bool } = attributes(binding);
  const [empty] = binding.executeOp('Empty', [type('dtype', dtype), bool('init', false)], [size], 1);
  binding.deleteTensor(size);
  binding.deleteTensor(id);
  return empty!;
}

/** Whether an op makes whole numbers of others: what follows may take them for positions. */
export function isRounded(
  { TF_FLOAT, TF_INT32, TF_INT64 }: NativeBinding,
  { op, inputs, outputs }: GraphNode,
): boolean {
  if (op !== 'Cast') return false;
  const { node, index } = inputs[0]!;
  const made = outputs[0]!.dtype;
  return node.outputs[index]!.dtype === TF_FLOAT && (made === TF_INT32 || made === TF_INT64);
}

/** Zeros in a tensor's place, which is gone then. */
export function zeros(binding: NativeBinding, { id, dtype }: NativeTensor): NativeTensor {
  const [made] = binding.executeOp('ZerosLike', [{ name: 'T', type: binding.TF_ATTR_TYPE, value: dtype }], [id], 1);
  binding.deleteTensor(id);
  return made!;
}
