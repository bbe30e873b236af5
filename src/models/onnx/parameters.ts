import { inOrder } from './axes.js';
import type { Layout } from '../layout.js';
import type { Role } from '../network.js';
import { Flow } from './flow.js';
import { linearOf, type Linear } from './linear.js';
import type { Graph, Node } from './model.js';
import { sizeOf } from './tensor-data.js';

/** A parameter before its variable. */
export interface OnnxParameter {
  name: string;
  role: Role;
  group: string;
  layout: Layout;
  shape: number[];
  /** Values in the file's order; read when they are asked for. */
  readonly data: Float32Array;
}

/** A normalization whose statistics are its own. */
export interface Normalization {
  node: Node;
  group: string;
  scale: string;
  shift: string;
  mean: string;
  variance: string;
}

/** A convolution or matrix product with a scale per output channel of its own, by names of parameters. */
export interface Scaled {
  node: Node;
  scale: string;
  /** Absent where it has a bias. */
  shift?: string;
}

export interface OnnxParameters {
  parameters: OnnxParameter[];
  normalizations: Normalization[];
  scaled: Scaled[];
}

/** What an operation's inputs are for, where they are constants. */
const ROLES: Readonly<Record<string, readonly (Role | undefined)[]>> = {
  Conv: [undefined, 'weight', 'bias'],
  ConvTranspose: [undefined, 'weight', 'bias'],
  Gemm: ['weight', 'weight', 'bias'],
  MatMul: ['weight', 'weight'],
  PRelu: [undefined, 'weight'],
  BatchNormalization: [undefined, 'scale', 'shift', 'mean', 'variance'],
  InstanceNormalization: [undefined, 'scale', 'shift'],
  GroupNormalization: [undefined, 'scale', 'shift'],
  LayerNormalization: [undefined, 'scale', 'shift'],
  RMSNormalization: [undefined, 'scale'],
};

/** Operations that join a learned tensor, such as an embedding of places, to what comes from the picture. */
const JOINS: ReadonlySet<string> = new Set(['Add', 'Mul', 'Concat', 'Where']);
/** Operations that make such a tensor ready to be joined. */
const TABLES: ReadonlySet<string> = new Set(['Gather', 'Expand']);

/**
 * The parameters of a network of a file: by the nodes that use them, in the order in which these run. A tensor that several nodes use is one
 * parameter, the first one's. Convolutions and matrix products that no batch normalization follows, as exporters fold it into them, get one
 * of their own: `NODE.scale`, ones, and where they have no bias `NODE.shift`, zeros.
 *
 * @param nodes sorted
 * @param outputs names of what they are run for
 */
export function parametersOf(graph: Graph, nodes: readonly Node[], outputs: readonly string[]): OnnxParameters {
  const flow = new Flow(graph, nodes, outputs);
  const found = new Map<string, OnnxParameter>();
  const normalizations: Normalization[] = [];
  const scaled: Scaled[] = [];
  const groups = groupsOf(nodes);

  /** Notes a constant as a parameter of a node, unless another has it. */
  const note = (name: string | undefined, role: Role, node: Node, layout: Layout = 'plain'): string | undefined => {
    const weight = flow.constant(name);
    if (!weight || found.has(weight.name)) return undefined;
    const { constant } = weight;
    found.set(weight.name, {
      ...{ name: weight.name, role, group: groups.get(node)!, layout, shape: [...constant.shape] },
      get data() {
        return constant.data as Float32Array;
      },
    });
    return weight.name;
  };
  const add = (node: Node, kind: 'scale' | 'shift', channels: number): string => {
    const group = groups.get(node)!;
    let name = `${group}.${kind}`;
    while (found.has(name) || graph.initializers.has(name) || flow.maker(name)) name += '_';
    const data = new Float32Array(channels).fill(kind === 'scale' ? 1 : 0);
    found.set(name, { name, role: kind, group, layout: 'plain', shape: [channels], data });
    return name;
  };

  for (const node of nodes) {
    if (node.op === 'BatchNormalization') {
      const [scale, shift, mean, variance] = node.inputs
        .slice(1, 5)
        .map((name, i) => note(name, ROLES['BatchNormalization']![i + 1]!, node));
      if (scale && shift && mean && variance)
        normalizations.push({ node, group: groups.get(node)!, scale, shift, mean, variance });
      // Statistics that it shares with others stay as they are.
      else for (const name of [mean, variance]) if (name) found.get(name)!.role = 'fixed';
      continue;
    }
    node.inputs.forEach((name, i) => {
      const role = ROLES[node.op]?.[i] ?? joinedRole(flow, node, i);
      if (role) note(name, role, node, role === 'weight' ? layoutOf(flow, node, i) : 'plain');
    });
    const linear = linearOf(flow, node);
    if (!linear) continue;
    if (linear.addedBias) note(linear.addedBias, 'bias', node);
    if (!linear.isNormalized) scaled.push({ node, ...virtualOf(linear, (kind) => add(node, kind, linear.channels)) });
  }
  return { parameters: [...found.values()], normalizations, scaled };
}

function virtualOf({ hasBias }: Linear, add: (kind: 'scale' | 'shift') => string): Omit<Scaled, 'node'> {
  return { scale: add('scale'), ...(!hasBias && { shift: add('shift') }) };
}

function joinedRole(flow: Flow, { op, inputs }: Node, place: number): Role | undefined {
  const weight = JOINS.has(op) || TABLES.has(op) ? flow.constant(inputs[place]) : undefined;
  if (!weight || sizeOf(weight.constant.shape) < 2) return undefined;
  const isLearned = TABLES.has(op)
    ? place === 0 && weight.constant.shape.length > 1
    : inputs.some((other) => flow.isMoving(other));
  return isLearned ? 'weight' : undefined;
}

/** Filters are stored as the engine takes them, and so are matrices that a product turns; all else as in the file. */
function layoutOf(flow: Flow, node: Node, place: number): Layout {
  const rank = flow.constant(node.inputs[place])?.constant.shape.length;
  if ((node.op === 'Conv' || node.op === 'ConvTranspose') && rank === 4) return 'conv';
  return node.op === 'Gemm' && place === 1 && node.attributes.get('transB') === 1 ? 'dense' : 'plain';
}

/** Names of nodes, of which some files have several alike. */
function groupsOf(nodes: readonly Node[]): Map<Node, string> {
  const taken = new Map<string, number>();
  for (const { name } of nodes) taken.set(name, (taken.get(name) ?? 0) + 1);
  const unique = (node: Node): string => (taken.get(node.name) === 1 ? node.name : (node.outputs[0] ?? node.name));
  return new Map(nodes.map((node) => [node, unique(node)]));
}

/** Where each axis of a parameter's variable is in the file's tensor. */
export function variableAxes({ layout, shape }: Pick<OnnxParameter, 'layout' | 'shape'>): number[] {
  if (layout === 'conv') return [2, 3, 1, 0];
  return layout === 'dense' ? [1, 0] : inOrder(shape.length);
}
