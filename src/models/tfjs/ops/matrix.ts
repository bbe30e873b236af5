import type { Call, Family } from '../call.js';
import type { Tensor } from '../emitter.js';
import { biasOf, fusedOf, withActivation, type Fused } from './fused.js';

/** Matrix products. */
export const matrix: Family = {
  MatMul: (call, a, b) => product(call, a!, b!, {}),
  _FusedMatMul: (call, a, b, ...rest) => {
    const fused = fusedOf(call, rest);
    return fused && product(call, a!, b!, fused);
  },
  BatchMatMul: (call, a, b) => batched(call, a!, b!),
  BatchMatMulV2: (call, a, b) => batched(call, a!, b!),
  Einsum: (call, ...all) => {
    const equation = call.node.text('equation', '');
    const rank = equation.split('->')[1]?.replace(/\W/g, '').length;
    return call.result('Einsum', all, { rank, attributes: { equation } });
  },
};

function product(call: Call, a: Tensor, b: Tensor, fused: Fused): Tensor | undefined {
  const { node } = call;
  const isTurned = node.flag('transpose_b');
  const channels = b.constant?.shape[isTurned ? 0 : 1];
  const bias =
    fused.bias && (channels === undefined ? call.emitter.ref(fused.bias) : biasOf(call, fused.bias, channels));
  if (fused.bias && bias === undefined) return undefined;
  const attributes = {
    ...(node.flag('transpose_a') && { transA: 1 }),
    ...(isTurned && { transB: 1 }),
  };
  const inputs = [a, b].map((one) => call.emitter.ref(one));
  return withActivation(call, fused, (name) => {
    const all = bias === undefined ? inputs : [...inputs, bias];
    const made = call.emitter.node('Gemm', all, [name], attributes, { name: call.name });
    const isOpen = bias === undefined && fused.activation === undefined && channels !== undefined;
    return { name, kind: 'float32', rank: 2, ...(isOpen && { unbiased: { node: made, channels } }) };
  });
}

function batched(call: Call, a: Tensor, b: Tensor): Tensor | undefined {
  const turned = (tensor: Tensor, flag: string): Tensor | string | undefined => {
    if (!call.node.flag(flag)) return tensor;
    const { rank } = tensor;
    if (rank === undefined) return undefined;
    const perm = Array.from({ length: rank }, (_, axis) => axis);
    return call.inner('Transpose', [tensor], { perm: [...perm.slice(0, -2), rank - 1, rank - 2] });
  };
  const left = turned(a, 'adj_x');
  const right = turned(b, 'adj_y');
  if (left === undefined || right === undefined) return undefined;
  const rank = a.rank === undefined || b.rank === undefined ? undefined : Math.max(a.rank, b.rank);
  return call.result('MatMul', [left, right], { rank });
}
