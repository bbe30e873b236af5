import { cpuFeatures } from '../cpu.js';
import { type GraphNode, rewrite, type NodeRef } from '../graph.js';
import type { NativeBinding } from '../native.js';
import { passOn } from '../nodes.js';

/**
 * Whether a convolution and the normalization after it are slower as one kernel than as two: TensorFlow makes one kernel of them by itself,
 * and oneDNN's convolutions for processors without AVX-512 then take several times as long (measured in docs/runner.md).
 *
 * @param features of the processor; where none are known, two kernels cost little and one may cost much
 */
export function fusesSlowly(binding: Pick<NativeBinding, 'isUsingGpuDevice'>, features = cpuFeatures()): boolean {
  return !binding.isUsingGpuDevice() && !features.has('avx512f');
}

/**
 * The same graph, in which TensorFlow leaves normalizations by given statistics beside the convolutions that they follow: between the two
 * is a Snapshot, which hands on the buffer that it gets.
 *
 * @param outputs of an fp32 graph, or of one that imitates bf16
 * @returns `outputs` of the new graph, in their old order
 */
export function separateBatchNorm(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  return rewrite(outputs, (node, [x, ...statistics]) =>
    isFusable(node) ? node.with({ inputs: [passOn(binding, 'Snapshot', x!), ...statistics] }) : undefined,
  );
}

function isFusable(node: GraphNode): boolean {
  return node.op === 'FusedBatchNormV3' && node.attr('is_training') === false && node.inputs[0]!.node.op === 'Conv2D';
}
