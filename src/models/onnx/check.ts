import { fail } from '../../common/errors.js';
import { quoted } from './names.js';
import type { Model, Node } from './model.js';
import { findOp } from './ops/registry.js';
import { sortNodes } from './sort.js';

/** An operation that gearnn does not have, with the node that uses it. */
export interface MissingOp {
  op: string;
  node: string;
}

/** Operations of networks that were quantized to 8 bits. */
const QUANTIZED =
  /^(QLinear|QGemm|QAttention|DequantizeLinear|QuantizeLinear|DynamicQuantize|ConvInteger|MatMulInteger|MatMulNBits)/;

/** How often each operation occurs among nodes, by name. */
export function countOps(nodes: readonly Node[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The nodes whose operations gearnn does not have, in the file's order. */
export function missingOps(nodes: readonly Node[]): MissingOp[] {
  return nodes
    .filter(({ domain, op }) => !findOp(domain, op))
    .map(({ domain, op, name }) => ({ op: domain ? `${domain}.${op}` : op, node: name }));
}

/**
 * The nodes that the outputs need, sorted, all of whose operations gearnn has.
 *
 * @param outputs names of values; default: the graph's outputs
 * @throws E_ONNX_GRAPH, E_ONNX_QUANTIZED, E_ONNX_OPS with all missing operations at once
 */
export function checkedNodes({ graph }: Model, outputs = graph.outputs.map(({ name }) => name)): Node[] {
  const nodes = sortNodes(graph, outputs);
  const quantized = nodes.filter(({ op }) => QUANTIZED.test(op));
  if (quantized.length > 0) {
    fail('E_ONNX_QUANTIZED', {
      where: 'onnx graph',
      expected: 'a network in fp32 or fp16',
      got: `one quantized to whole numbers: ${quoted(quantized.map(({ op, name }) => `${op} "${name}"`))}`,
      todo: 'Take the file that it was quantized from.',
    });
  }
  requireOps(missingOps(nodes));
  return nodes;
}

/** @throws E_ONNX_OPS with all missing operations at once, where there are any */
export function requireOps(missing: readonly MissingOp[], where = 'onnx graph'): void {
  if (missing.length === 0) return;
  fail('E_ONNX_OPS', {
    where,
    expected: 'operations that gearnn has (docs/onnx.md)',
    got: quoted(missing.map(({ op, node }) => `${op} "${node}"`)),
    todo: 'End the graph in front of them where they only make boxes or labels of its answer.',
  });
}
