import type { OnnxGraph } from './graph.js';
import type { Constant, Node } from './model.js';
import { isFloat } from './types.js';

/** A place that a constant goes to. */
export interface Use {
  node: Node;
  /** Which of the node's inputs it is. */
  input: number;
}

/** A constant of floats that nodes compute with. */
export interface Weight {
  /** Of the initializer, or of the result of a Constant node. */
  name: string;
  constant: Constant;
  /** In the graph's order; one that is shared has several. */
  uses: Use[];
}

/**
 * The constants of floats that a graph computes with: initializers, and results of Constant nodes. One that other names stand for by Identity
 * nodes is one weight, with the uses of all names. What is given in its place to `OnnxGraph.run`, under `name`, takes part in all of them.
 */
export function weightsOf(graph: OnnxGraph): Weight[] {
  const weights = new Map<string, Weight>();
  const aliases = new Map<string, Weight>();
  const add = (name: string, constant: Constant): void => {
    if (!isFloat(constant.type)) return;
    const weight = { name, constant, uses: [] };
    weights.set(name, weight);
    aliases.set(name, weight);
  };
  for (const [name, constant] of graph.model.graph.initializers) add(name, constant);
  for (const node of graph.nodes) {
    const value = node.op === 'Constant' ? node.attributes.get('value') : undefined;
    if (typeof value === 'object' && 'data' in value) add(node.outputs[0]!, value);
    node.inputs.forEach((name, input) => {
      const weight = aliases.get(name);
      if (!weight) return;
      if (node.op === 'Identity') aliases.set(node.outputs[0]!, weight);
      else weight.uses.push({ node, input });
    });
  }
  return [...weights.values()].filter(({ uses }) => uses.length > 0);
}
