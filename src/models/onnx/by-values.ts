import { Flow } from './flow.js';
import { OnnxGraph } from './graph.js';
import type { Model, Node } from './model.js';
import { outerNames } from './sort.js';

/** Operations whose results have no gradient, and a size that the picture's values decide: nothing is learned from what needs them. */
export const BY_VALUES: ReadonlySet<string> = new Set(['NonZero', 'NonMaxSuppression']);

/** A graph in two parts, of which the first one can be compiled. */
export interface Parts {
  front: OnnxGraph;
  /** What the picture's values decide, and all that needs it: the suppression of boxes as a rule. It takes outputs of `front`. */
  tail?: OnnxGraph;
}

/**
 * Cuts a graph in front of what its values decide: operations whose results have as many numbers as they find, and parts of the graph that run or not.
 *
 * @throws as {@link OnnxGraph}
 */
export function splitByValues(model: Model): Parts {
  const whole = new OnnxGraph(model);
  const { nodes, outputs } = whole;
  const flow = new Flow(model.graph, nodes, outputs);
  const behind = new Set<string>();
  const late = new Set<Node>();
  for (const node of nodes) {
    const read = namesOf(node);
    if (!decidesByValues(node, flow) && !read.some((name) => behind.has(name))) continue;
    late.add(node);
    for (const name of node.outputs) behind.add(name);
  }
  if (late.size === 0) return { front: whole };
  const constants = new Map(nodes.filter(({ op }) => op === 'Constant').map((node) => [node.outputs[0]!, node]));
  const read = [...new Set([...late].flatMap(namesOf))].filter((name) => name !== '' && !behind.has(name));
  const between = read.filter((name) => !constants.has(name) && !model.graph.initializers.has(name));
  const front = new OnnxGraph(model, [...new Set([...between, ...outputs.filter((name) => !behind.has(name))])]);
  const needed = read.flatMap((name) => constants.get(name) ?? []);
  const inputs = between.map((name) => ({ name, type: undefined, shape: undefined }));
  const part: Model = { ...model, graph: { ...model.graph, nodes: [...needed, ...late], inputs } };
  return { front, tail: new OnnxGraph(part, outputs.filter((name) => behind.has(name))) }; // prettier-ignore
}

function decidesByValues({ op, inputs }: Node, flow: Flow): boolean {
  if (op === 'If') return flow.isMoving(inputs[0]!);
  if (op === 'Loop') return inputs.slice(0, 2).some((name) => flow.isMoving(name));
  return BY_VALUES.has(op);
}

function namesOf(node: Node): string[] {
  return [...node.inputs, ...outerNames(node)];
}
