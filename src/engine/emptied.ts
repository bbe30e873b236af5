import { attributes } from './attrs.js';
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
