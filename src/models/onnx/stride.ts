import { Flow } from './flow.js';
import type { Graph, Node } from './model.js';
import { sortNodes } from './sort.js';

/** Operations that make a map smaller by their strides. */
const SHRINK: ReadonlySet<string> = new Set(['Conv', 'MaxPool', 'AveragePool', 'LpPool']);
/** Operations that make it larger. */
const GROW: ReadonlySet<string> = new Set(['ConvTranspose', 'Resize', 'Upsample']);

/**
 * How much smaller than the picture the smallest map of a network is: its sides have to be multiples of it, so that maps of several sizes meet.
 *
 * @returns the largest product of strides from the input to any node. What is enlarged to a size that only a run knows counts no more until it
 *   meets another map, which is as large
 */
export function strideOf(graph: Graph, outputs: readonly string[]): number {
  const nodes = sortNodes(graph, outputs);
  const flow = new Flow(graph, nodes, outputs);
  const strides = new Map(graph.inputs.map(({ name }) => [name, 1]));
  let largest = 1;
  for (const node of nodes) {
    const before = Math.max(...node.inputs.map((name) => strides.get(name) ?? 0), 0);
    const after = before * factorOf(flow, node);
    if (after === 0) continue;
    largest = Math.max(largest, after);
    for (const name of node.outputs) strides.set(name, after);
  }
  return Math.ceil(largest);
}

/** What the stride is multiplied by; 0 where only a run knows. */
function factorOf(flow: Flow, { op, inputs, attributes }: Node): number {
  const own = attributes.get('strides');
  const stride = Array.isArray(own) ? Math.max(...own.map(Number)) : 1;
  if (SHRINK.has(op)) return stride;
  if (!GROW.has(op)) return 1;
  if (op === 'ConvTranspose') return 1 / stride;
  const scales = flow.constant(inputs[inputs.length > 2 ? 2 : 1])?.constant.data;
  return scales && scales.length > 0 ? 1 / Math.max(...scales) : 0;
}
