import { floats, graphMessage, integers, TYPES, type GraphParts } from '../build.js';
import { CONV, modelOf, nodeModel, rawModel, same, type HostileCase } from './case.js';

const neg = (name: string, inputs: string[], outputs: string[]): GraphParts['nodes'][number] => ({ op: 'Neg', name, inputs, outputs }); // prettier-ignore

/** What stands in front of a nested message: its field and length. */
function field(id: number, length: number): number[] {
  const head = [(id << 3) | 2];
  for (let rest = length; ; rest >>>= 7) {
    head.push((rest & 127) | (rest > 127 ? 128 : 0));
    if (rest <= 127) break;
  }
  return head;
}

/** Graphs in attributes of nodes in graphs: graph 7, then node 1, attribute 5, graph 6, over and over. */
function nested(depth: number, ids: readonly number[]): Uint8Array {
  const heads: number[][] = [];
  let length = 0;
  for (let i = 0; i < depth; i++) {
    const head = field(ids[i % ids.length]!, length);
    heads.push(head);
    length += head.length;
  }
  const graph = Buffer.from(heads.reverse().flat());
  return Buffer.concat([Buffer.from(rawModel({})), Buffer.from(field(7, graph.length)), graph]);
}

/** If in If, each of whose branches runs on. */
function ifs(depth: number): GraphParts {
  let inner: GraphParts = { nodes: [neg('deep', ['x'], ['y'])] };
  for (let i = 0; i < depth; i++)
    inner = { nodes: [{ op: 'If', name: `if${i}`, inputs: ['c'], attributes: { then_branch: { graph: inner }, else_branch: { graph: { nodes: [neg('other', ['x'], ['y'])] } } } }] }; // prettier-ignore
  return { ...inner, inputs: { x: [1, 3, 8, 8] }, initializers: [{ name: 'c', dims: [], dataType: TYPES.bool, int32Data: [1] }] }; // prettier-ignore
}

/** Loops in loops, each of which runs so often; without a count for ever. */
function loops(depth: number, count?: number): GraphParts {
  const goesOn = [{ op: 'Identity', inputs: ['goes'], outputs: ['more'] }];
  let inner: GraphParts['nodes'][number] = neg('deep', ['before'], ['after']);
  for (let i = 0; i < depth; i++) {
    const body = {
      nodes: [inner, ...goesOn],
      inputs: { trip: [], goes: [], before: [1, 3, 8, 8] },
      outputs: ['more', 'after'],
    };
    const [from, to] = i === depth - 1 ? ['x', 'y'] : ['before', 'after'];
    const inputs = [count === undefined ? '' : 'count', 'true', from];
    inner = { op: 'Loop', name: `loop${i}`, inputs, outputs: [to], attributes: { body: { graph: body } } };
  }
  const initializers = [integers('count', [count ?? 0], []), { name: 'true', dims: [], dataType: TYPES.bool, int32Data: [1] }]; // prettier-ignore
  return { nodes: [inner], inputs: { x: [1, 3, 8, 8] }, initializers };
}

/** Graphs that are none: circles, names that are missing or made twice, operations that nobody has, sets of them that are none. */
export function brokenGraphs(): HostileCase[] {
  const graph = (name: string, parts: GraphParts, says: RegExp): HostileCase => ({ kind: 'graph', name, bytes: modelOf(parts), codes: ['E_ONNX_GRAPH'], says }); // prettier-ignore
  const op = (name: string, node: Partial<GraphParts['nodes'][number]>, codes: HostileCase['codes'], says: RegExp): HostileCase => ({ kind: 'operation', name, bytes: nodeModel({ op: 'Neg', ...node }), codes, says }); // prettier-ignore
  return [
    graph('a node of itself', { nodes: [neg('loop', ['y'], ['y'])] }, /loop <- loop/),
    graph('two nodes of each other', { nodes: [neg('a', ['b'], ['y']), neg('b', ['y'], ['b'])] }, /circle.*a <- b|circle.*b <- a/), // prettier-ignore
    graph('a circle of 5,000', { nodes: Array.from({ length: 5000 }, (_, i) => neg(`n${i}`, [`v${(i + 1) % 5000}`], [`v${i}`])), outputs: ['v0'] }, /circle/), // prettier-ignore
    graph('a name made twice', { nodes: [neg('a', ['x'], ['y']), neg('b', ['x'], ['y'])] }, /several of y/),
    graph('a name made twice by one node', { nodes: [neg('a', ['x'], ['y', 'y'])] }, /several of y/),
    graph('a node that makes an input', { nodes: [neg('a', ['x'], ['x']), neg('b', ['x'], ['y'])] }, /several of x/),
    graph('a node that makes a weight', { nodes: [neg('a', ['x'], ['w']), neg('b', ['w'], ['y'])], initializers: [same('w', [1], 1)] }, /several of w/), // prettier-ignore
    graph('an input that nothing makes', { nodes: [neg('lost', ['nowhere'], ['y'])] }, /nowhere \(of lost\)/),
    graph('an output that nothing makes', { nodes: [neg('a', ['x'], ['z'])] }, /y \(of the outputs\)/),
    graph('no node', { nodes: [] }, /y \(of the outputs\)/),
    graph('an inner graph with a name of nowhere', { nodes: [{ op: 'If', name: 'if', inputs: ['c'], attributes: { then_branch: { graph: { nodes: [neg('in', ['nowhere'], ['y'])] } }, else_branch: { graph: { nodes: [neg('in', ['x'], ['y'])] } } } }], initializers: [{ name: 'c', dims: [], dataType: TYPES.bool, int32Data: [1] }] }, /nowhere/), // prettier-ignore
    op('no such', { op: 'Frobnicate' }, ['E_ONNX_OPS'], /Frobnicate "bad"/),
    op('of another domain', { domain: 'com.microsoft', op: 'FusedConv' }, ['E_ONNX_OPS'], /com\.microsoft\.FusedConv "bad"/), // prettier-ignore
    op('of a domain like ONNX’s', { domain: 'ai.onnx.ml' }, ['E_ONNX_OPS'], /ai\.onnx\.ml\.Neg "bad"/),
    op('named in small letters', { op: 'neg' }, ['E_ONNX_OPS'], /neg "bad"/),
    op('named __proto__', { op: '__proto__' }, ['E_ONNX_OPS'], /__proto__ "bad"/),
    op('named constructor', { op: 'constructor' }, ['E_ONNX_OPS'], /constructor "bad"/),
    op('named toString', { op: 'toString' }, ['E_ONNX_OPS'], /toString "bad"/),
    op('without a name', { op: '' }, ['E_ONNX_FILE'], /operation/),
    op('of a loop without a body', { op: 'Loop' }, ['E_ONNX_NODE'], /Loop "bad"/),
    { kind: 'operation', name: 'of a loop that runs too often', bytes: modelOf(loops(1, 2 ** 40)), codes: ['E_ONNX_NODE'], says: /at most 16384 runs/ }, // prettier-ignore
    { kind: 'operation', name: 'of a loop without an end', bytes: modelOf(loops(1)), codes: ['E_ONNX_NODE'], says: /at most 16384 runs/ }, // prettier-ignore
    { kind: 'operation', name: 'of loops in loops', bytes: modelOf(loops(4, 1000)), codes: ['E_ONNX_NODE'], says: /at most 16384 runs/ }, // prettier-ignore
    op('quantized', { op: 'QLinearConv' }, ['E_ONNX_QUANTIZED'], /QLinearConv "bad"/),
    { kind: 'opset', name: 'none', bytes: modelOf({ nodes: [{ op: 'Neg' }] }, { opsetImport: [] }), codes: ['E_ONNX_FILE'], says: /set of operations/ }, // prettier-ignore
    ...[0, -1, -(2 ** 40)].map((version): HostileCase => ({ kind: 'opset', name: String(version), bytes: modelOf({ nodes: [{ op: 'Neg' }] }, { opsetImport: [{ domain: '', version }] }), codes: ['E_ONNX_FILE'], says: /version/ })), // prettier-ignore
    { kind: 'opset', name: 'of another domain alone', bytes: modelOf({ nodes: [{ op: 'Neg' }] }, { opsetImport: [{ domain: 'com.example', version: 1 }] }), codes: ['E_ONNX_FILE'], says: /set of operations/ }, // prettier-ignore
    { kind: 'model', name: 'without a graph', bytes: rawModel({}), codes: ['E_ONNX_FILE'], says: /without a graph/ },
    { kind: 'model', name: 'with functions', bytes: modelOf({ nodes: [{ op: 'Neg' }] }, { functions: [{ name: 'mine', domain: 'own' }] }), codes: ['E_ONNX_FILE'], says: /mine/ }, // prettier-ignore
    { kind: 'model', name: 'with sparse weights', bytes: rawModel({ graph: { ...graphMessage({ nodes: [{ op: 'Neg' }] }), sparseInitializer: [{ values: floats('s', [1], [1]) }] } }), codes: ['E_ONNX_FILE'], says: /sparse/ }, // prettier-ignore
    { kind: 'model', name: 'without outputs', bytes: modelOf({ nodes: [{ op: 'Neg' }], outputs: [] }), codes: ['E_ONNX_FILE', 'E_ONNX_GRAPH'], says: /output/ }, // prettier-ignore
    { kind: 'model', name: 'that takes another input', bytes: modelOf({ nodes: [{ op: 'Add', inputs: ['x', 'z'] }], inputs: { x: [1, 3, 8, 8], z: [1] } }), codes: ['E_ONNX_INPUT'], says: /z/ }, // prettier-ignore
    { kind: 'model', name: 'without its convolution’s weights', bytes: modelOf({ nodes: [{ ...CONV, inputs: ['x'] }] }), codes: ['E_ONNX_NODE'], says: /Conv "y".*W/ }, // prettier-ignore
    ...[201, 9_999, 99_999].map((depth): HostileCase => ({ kind: 'nesting', name: `${depth} messages`, bytes: nested(depth, [6, 5, 1]), codes: ['E_ONNX_FILE'], says: /deep|depth/ })), // prettier-ignore
    { kind: 'nesting', name: '10,000 graphs', bytes: nested(30_000, [6, 5, 1]), codes: ['E_ONNX_FILE'], says: /deep|depth/ }, // prettier-ignore
    { kind: 'nesting', name: '100,000 groups', bytes: Buffer.concat([rawModel({}), Buffer.alloc(100_000, (20 << 3) | 3)]), codes: ['E_ONNX_FILE'] }, // prettier-ignore
    { kind: 'nesting', name: '20 branches', bytes: modelOf(ifs(20)), first: -1 },
    { kind: 'chain', name: '3,000 nodes', bytes: modelOf({ nodes: Array.from({ length: 3000 }, (_, i) => neg('', [i === 0 ? 'x' : `v${i}`], [i === 2999 ? 'y' : `v${i + 1}`])) }), first: 1 }, // prettier-ignore
    { kind: 'bomb', name: 'a sum doubled 200 times', bytes: modelOf({ nodes: Array.from({ length: 200 }, (_, i) => ({ op: 'Add', inputs: i === 0 ? ['x', 'x'] : [`v${i}`, `v${i}`], outputs: [i === 199 ? 'y' : `v${i + 1}`] })) }), first: Infinity }, // prettier-ignore
    { kind: 'bomb', name: 'a weight among 1,000 inputs', bytes: nodeModel({ op: 'Sum', inputs: Array.from({ length: 1000 }, () => 'w').concat('x') }, [same('w', [1], 1)]), first: 1001 }, // prettier-ignore
    { kind: 'bomb', name: 'Shape of shapes', bytes: modelOf({ nodes: [{ op: 'Shape', outputs: ['a'] }, { op: 'Shape', inputs: ['a'], outputs: ['b'] }, { op: 'Cast', inputs: ['b'], attributes: { to: 1 } }], initializers: [integers('unused', [1])] }), first: 4 }, // prettier-ignore
  ];
}
