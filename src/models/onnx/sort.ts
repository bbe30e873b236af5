import { fail } from '../../common/errors.js';
import type { Attribute, Graph, Node } from './model.js';

/**
 * The nodes that the outputs need, each behind those that it needs itself; files of some exporters are in no order.
 *
 * @param outputs names of values
 * @throws E_ONNX_GRAPH for names that nothing makes, values that two nodes make, and nodes that wait for each other
 */
export function sortNodes(graph: Graph, outputs: readonly string[]): Node[] {
  const makers = makersOf(graph);
  const given = new Set([...graph.initializers.keys(), ...graph.inputs.map(({ name }) => name)]);
  const sorted: Node[] = [];
  const states = new Map<Node, 'open' | 'done'>();
  const unknown = new Set<string>();
  // A stack of its own: a chain of nodes may be longer than the engine's.
  const visit = (start: string, user: string): void => {
    const stack: { node: Node; rest: string[] }[] = [];
    const enter = (name: string, by: string): void => {
      if (name === '' || given.has(name)) return;
      const node = makers.get(name);
      if (!node) {
        unknown.add(`${name} (of ${by})`);
      } else if (states.get(node) === 'open') {
        const way = stack.slice(stack.findIndex((entry) => entry.node === node)).map((entry) => entry.node.name);
        refuse('nodes that do not wait for each other', `a circle: ${[...way, node.name].join(' <- ')}`);
      } else if (!states.has(node)) {
        states.set(node, 'open');
        stack.push({ node, rest: [...node.inputs, ...outerNames(node)].reverse() });
      }
    };
    enter(start, user);
    while (stack.length > 0) {
      const { node, rest } = stack.at(-1)!;
      if (rest.length > 0) {
        enter(rest.pop()!, node.name);
      } else {
        states.set(node, 'done');
        sorted.push(node);
        stack.pop();
      }
    }
  };
  for (const name of outputs) visit(name, 'the outputs');
  if (unknown.size > 0)
    refuse('values that a node, a weight or an input makes', `unknown ones: ${[...unknown].join(', ')}`);
  return sorted;
}

function makersOf({ nodes, initializers, inputs }: Graph): Map<string, Node> {
  const makers = new Map<string, Node>();
  const given = new Set([...initializers.keys(), ...inputs.map(({ name }) => name)]);
  for (const node of nodes)
    for (const name of node.outputs) {
      if (name === '') continue;
      if (makers.has(name) || given.has(name)) refuse('one origin for each value', `several of ${name}`);
      makers.set(name, node);
    }
  return makers;
}

/** Values of the graph around it that the graphs in a node's attributes use. */
export function outerNames({ attributes }: Node): string[] {
  return [...attributes.values()].filter(isGraph).flatMap(outerNamesOf);
}

/** Values that a graph uses and does not make. */
export function outerNamesOf(graph: Graph): string[] {
  const own = new Set([
    ...graph.initializers.keys(),
    ...graph.inputs.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const used = [
    ...graph.nodes.flatMap((node) => [...node.inputs, ...outerNames(node)]),
    ...graph.outputs.map(({ name }) => name),
  ];
  return [...new Set(used)].filter((name) => name !== '' && !own.has(name));
}

function isGraph(value: Attribute): value is Graph {
  return typeof value === 'object' && 'nodes' in value;
}

function refuse(expected: string, got: string): never {
  fail('E_ONNX_GRAPH', { where: 'onnx graph', expected, got });
}
