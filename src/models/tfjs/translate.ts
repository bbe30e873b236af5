import { create } from '../onnx/write.js';
import type { ModelMessage, NodeMessage, ValueInfoMessage } from '../onnx/messages.js';
import { TFJS_PRODUCER, type Constant } from '../onnx/model.js';
import { typeNumber, type ElementType } from '../onnx/types.js';
import { Call } from './call.js';
import { Emitter, type Kind, type Tensor } from './emitter.js';
import { nodeOf, type GraphDef, type GraphNode, type Shape } from './graph-def.js';
import { kindOf } from './ops/elementwise.js';
import { translationOf } from './ops/registry.js';

/** Version of ONNX's set of operations that graphs are translated to. */
const OPSET = 18;
/** Domain of operations that are not translated, which stay in the graph under their own names. */
export const FOREIGN = 'tensorflow';

/** Types of a picture's values by TensorFlow's. */
const INPUT_TYPES: Readonly<Record<string, ElementType>> = {
  DT_FLOAT: 'float32',
  DT_INT32: 'int32',
  DT_INT64: 'int64',
  DT_UINT8: 'uint8',
  DT_BOOL: 'bool',
};

/**
 * A graph of TensorFlow's operations as an ONNX model with the same names, shapes and order of axes. What ONNX wants channels in front for has
 * transpositions around it, which gearnn only notes and other runtimes take out. A node that is not translated stays, in a domain of its own.
 *
 * @param weights by the names of Const nodes
 */
export function translate(graph: GraphDef, weights: ReadonlyMap<string, Constant>): ModelMessage {
  const outputs = [...graph.outputs.keys()];
  const emitter = new Emitter(new Set(graph.nodes.keys()));
  const uses = countUses(graph);
  const tensors = new Map<string, Tensor>();
  const inputs: ValueInfoMessage[] = [];
  for (const node of sorted(graph)) {
    const given = node.inputs.map((name) => tensors.get(name));
    const results = isPlaceholder(node)
      ? [placeholder(node, graph.inputs.get(node.name), emitter, inputs)]
      : (constant(node, weights) ?? translated(node, given, emitter, uses) ?? foreign(node, given, emitter, uses));
    results.forEach((tensor, i) => tensors.set(i === 0 ? node.name : `${node.name}:${i}`, tensor));
  }
  const infos = outputs.map((name) => {
    const tensor = tensors.get(name);
    // A node that passes a constant on, or whole numbers of an input.
    if (tensor?.constant) emitter.node('Identity', [emitter.constant(name, tensor.constant)], [name]);
    else if (tensor && tensor.name !== name) emitter.node('Identity', [tensor.name], [name]);
    return valueInfo(name, tensor?.kind ?? 'float32', graph.outputs.get(name));
  });
  return create<ModelMessage>('ModelProto', {
    irVersion: 9,
    producerName: TFJS_PRODUCER,
    opsetImport: [
      { domain: '', version: OPSET },
      ...(emitter.nodes.some(({ domain }) => domain === FOREIGN) ? [{ domain: FOREIGN, version: 1 }] : []),
    ],
    graph: {
      name: 'tfjs',
      node: emitter.nodes,
      initializer: [...emitter.initializers.values()],
      input: inputs,
      output: infos,
    },
  });
}

/** How many nodes and outputs take each value. */
function countUses({ nodes, outputs }: GraphDef): (name: string) => number {
  const counts = new Map<string, number>();
  for (const name of [...[...nodes.values()].flatMap(({ inputs }) => inputs), ...outputs.keys()])
    counts.set(name, (counts.get(name) ?? 0) + 1);
  return (name) => counts.get(name) ?? 0;
}

/** The nodes that the outputs need, each behind those that it needs itself; loops of control flow are cut. */
function sorted({ nodes, outputs }: GraphDef): GraphNode[] {
  const result: GraphNode[] = [];
  const entered = new Set<GraphNode>();
  for (const output of outputs.keys()) {
    const stack: { node: GraphNode; rest: string[] }[] = [];
    const enter = (name: string): void => {
      const node = nodes.get(nodeOf(name));
      if (!node || entered.has(node)) return;
      entered.add(node);
      stack.push({ node, rest: [...node.inputs].reverse() });
    };
    enter(output);
    while (stack.length > 0) {
      const { node, rest } = stack.at(-1)!;
      if (rest.length > 0) {
        enter(rest.pop()!);
      } else {
        result.push(node);
        stack.pop();
      }
    }
  }
  return result;
}

function isPlaceholder({ op }: GraphNode): boolean {
  return op === 'Placeholder' || op === 'PlaceholderV2';
}

/** An input of the graph. Whole numbers of fewer bits become int64 behind it. */
function placeholder(node: GraphNode, stated: Shape | undefined, emitter: Emitter, inputs: ValueInfoMessage[]): Tensor {
  const dtype = node.type('dtype');
  const shape = node.shape('shape') ?? stated;
  const kind = kindOf(dtype) ?? 'float32';
  const type = INPUT_TYPES[dtype ?? ''] ?? 'float32';
  inputs.push(valueInfo(node.name, type, shape));
  const rank = shape && { rank: shape.length };
  if (kind !== 'int64' || type === 'int64') return { name: node.name, kind, ...rank };
  const name = emitter.unique(`${node.name}/wide`);
  emitter.node('Cast', [node.name], [name], { to: typeNumber('int64') });
  return { name, kind, ...rank };
}

function constant({ name, op }: GraphNode, weights: ReadonlyMap<string, Constant>): Tensor[] | undefined {
  const value = op === 'Const' ? weights.get(name) : undefined;
  return value && [{ name, kind: value.type as Kind, rank: value.shape.length, constant: value }];
}

function translated(
  node: GraphNode,
  given: (Tensor | undefined)[],
  emitter: Emitter,
  uses: (name: string) => number,
): Tensor[] | undefined {
  const inputs = given.filter((tensor) => tensor !== undefined);
  const translation = translationOf(node.op);
  // One input for each parameter behind the call.
  if (!translation || inputs.length !== given.length || inputs.length < translation.length - 1) return undefined;
  const results = translation(new Call(node, emitter, inputs, uses), ...inputs);
  return results && [results].flat();
}

/** A node that stays as it is: it has no place in a network, and values in front of it may have. */
function foreign(
  node: GraphNode,
  given: (Tensor | undefined)[],
  emitter: Emitter,
  uses: (name: string) => number,
): Tensor[] {
  let count = 1;
  for (let i = 1; i < 64; i++) if (uses(`${node.name}:${i}`) > 0) count = i + 1;
  const names = Array.from({ length: count }, (_, i) => (i === 0 ? node.name : `${node.name}:${i}`));
  const known = given.filter((tensor) => tensor !== undefined);
  emitter.node(node.op, known.map((tensor) => emitter.ref(tensor)), names, {}, { domain: FOREIGN }); // prettier-ignore
  const kind = kindOf(node.type('T') ?? node.type('dtype')) ?? 'float32';
  return names.map((name) => ({ name, kind }));
}

function valueInfo(name: string, type: ElementType, shape: Shape | undefined): ValueInfoMessage {
  const dim = shape?.map((side) => (side === undefined ? { dimParam: '' } : { dimValue: side }));
  return create('ValueInfoProto', { name, type: { tensorType: { elemType: typeNumber(type), ...(dim && { shape: { dim } }) } } }); // prettier-ignore
}

/**
 * Leaves of a model only what some values need, which become its outputs.
 *
 * @param names of values of the graph
 */
export function reduceTo(message: ModelMessage, names: readonly string[]): ModelMessage {
  const graph = message.graph!;
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name): [string, NodeMessage] => [name, node])));
  const needed = new Set<string>();
  const open = [...names];
  while (open.length > 0) {
    const name = open.pop()!;
    if (needed.has(name)) continue;
    needed.add(name);
    open.push(...(makers.get(name)?.input ?? []));
  }
  const known = new Map(graph.output.map((info) => [info.name, info]));
  const node = graph.node.filter(({ output }) => output.some((name) => needed.has(name)));
  return {
    ...message,
    opsetImport: message.opsetImport.filter((set) => node.some(({ domain }) => domain === set.domain)),
    graph: {
      ...graph,
      node,
      initializer: graph.initializer.filter(({ name }) => needed.has(name)),
      output: names.map((name) => known.get(name) ?? valueInfo(name, 'float32', undefined)),
    },
  };
}
