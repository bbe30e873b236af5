import type { Graph } from './model.js';
import { sortNodes } from './sort.js';

/** Operations that make a picture smaller by their strides. */
const SHRINK: ReadonlySet<string> = new Set(['Conv', 'MaxPool', 'AveragePool', 'LpPool']);

/**
 * How much smaller than the picture the smallest map of a network is: its sides have to be multiples of it, so that maps of several sizes meet.
 *
 * @returns the largest product of strides from the input to any node, upsampling left out of account
 */
export function strideOf(graph: Graph, outputs: readonly string[]): number {
  const strides = new Map(graph.inputs.map(({ name }) => [name, 1]));
  let largest = 1;
  for (const { op, inputs, outputs: made, attributes } of sortNodes(graph, outputs)) {
    const before = Math.max(...inputs.map((name) => strides.get(name) ?? 0), 0);
    if (before === 0) continue;
    const own = attributes.get('strides');
    const by = Array.isArray(own) ? Math.max(...own.map(Number)) : 1;
    // What makes it larger again is seldom asked for more than what made it smaller.
    const after = SHRINK.has(op) ? before * by : op === 'ConvTranspose' ? Math.max(1, before / by) : before;
    largest = Math.max(largest, after);
    for (const name of made) strides.set(name, after);
  }
  return largest;
}
