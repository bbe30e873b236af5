import { BY_VALUES } from './by-values.js';
import { countOps, missingOps, type MissingOp } from './check.js';
import { linearOf } from './linear.js';
import { Flow } from './flow.js';
import { TFJS_PRODUCER, type Model, type Node, type ValueInfo } from './model.js';
import { sizeOf } from './tensor-data.js';
import { isFloat, type ElementType } from './types.js';
import { sortNodes } from './sort.js';

/** What the file says of an input or output. */
export interface DescribedValue {
  name: string;
  type: ElementType | null;
  /** Names or '?' where a size is known only when it runs; null for an unknown rank. */
  shape: (number | string)[] | null;
}

/** What an ONNX file holds, as `gearnn import --check` says it. */
export interface OnnxDescription {
  inputs: DescribedValue[];
  outputs: DescribedValue[];
  /** Values of all weights. */
  parameters: number;
  /** How often each operation occurs. */
  ops: Record<string, number>;
  /** Every node whose operation gearnn lacks. */
  missing: MissingOp[];
}

/** Reads what a file holds; nothing runs. @throws E_ONNX_GRAPH */
export function describeOnnx({ graph }: Model): OnnxDescription {
  const described = ({ name, type, shape }: ValueInfo): DescribedValue => ({
    ...{ name, type: type ?? null },
    shape: shape?.map((side) => (side === '' ? '?' : side)) ?? null,
  });
  const constants = graph.nodes.flatMap(({ op, attributes }) => {
    const value = op === 'Constant' ? attributes.get('value') : undefined;
    return typeof value === 'object' && 'data' in value ? [value] : [];
  });
  const weights = [...graph.initializers.values(), ...constants].filter(({ type }) => isFloat(type));
  return {
    inputs: graph.inputs.map(described),
    outputs: graph.outputs.map(described),
    parameters: weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    ops: countOps(graph.nodes),
    missing: missingOps(
      sortNodes(
        graph,
        graph.outputs.map(({ name }) => name),
      ),
    ),
  };
}

/** Most candidates that are named. */
const MOST_CANDIDATES = 12;

/**
 * Values that answers could be compared by: the file's outputs, as far as gearnn has what they need and they can be learned from, and the last convolutions and matrix
 * products, from the end on.
 */
export function candidates({ graph, producer }: Model): string[] {
  const outputs = graph.outputs.map(({ name }) => name);
  const nodes = sortNodes(graph, outputs);
  const flow = new Flow(graph, nodes, outputs);
  const runs = (name: string): boolean => {
    const needed = sortNodes(graph, [name]);
    return missingOps(needed).length === 0 && !needed.some(({ op }) => BY_VALUES.has(op));
  };
  const turned = new Map(graph.nodes.filter(isTurn).map((node) => [node.inputs[0]!, node.outputs[0]!]));
  // A value with channels in front is none of a graph that has them last.
  const shown = (name: string, op: string): string | undefined =>
    turned.get(name) ?? (producer === TFJS_PRODUCER && op.startsWith('Conv') ? undefined : name);
  const inner = nodes
    .filter((node) => linearOf(flow, node))
    .flatMap(({ op, outputs: [name] }) => shown(name!, op) ?? []);
  const all = [...outputs, ...inner.reverse()];
  return [...new Set(all)]
    .slice(0, 2 * MOST_CANDIDATES)
    .filter(runs)
    .slice(0, MOST_CANDIDATES);
}

/** Whether a node moves a picture's channels from the front to the end. */
function isTurn({ op, attributes }: Node): boolean {
  return op === 'Transpose' && String(attributes.get('perm')) === '0,2,3,1';
}
