import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { fail } from '../common/errors.js';
import { toBfloat16 } from './bf16.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { serializeGraph } from './graph-def.js';
import { GraphNode, type NodeRef } from './graph.js';
import { nativeBackend, type NativeBackend, type NativeBinding } from './native.js';
import { enginePrecision, type Precision } from './precision.js';
import { trace } from './trace.js';

/** What a compiled function may return. */
export type Outputs = tf.Tensor | tf.Tensor[] | { [name: string]: tf.Tensor };

export interface CompileOptions {
  /** `bf16` runs convolutions and what flows between them in bfloat16. Default: the engine's. */
  precision?: Precision;
  /** How many graphs, one for each set of input shapes, stay loaded; the one used longest ago goes first. Default 8. */
  cacheSize?: number;
  /** Tensors made outside the function whose present values are frozen into the graph. */
  constants?: tf.Tensor[];
  /** Which variables' present values are frozen into the graph instead of read on every run. Default: none. */
  fold?: (variable: tf.Variable) => boolean;
}

/** A function that runs as one native graph where the engine can, and as it is where it cannot. */
export interface Compiled<I extends tf.Tensor[], O extends Outputs> {
  /** The caller owns what it returns, and still owns what it passed. */
  (...inputs: I): O;
  /** Graphs loaded now; always 0 on wasm and cpu. */
  readonly graphs: number;
  /** Unloads all graphs. */
  dispose(): void;
}

interface Graph {
  session: number;
  inputNames: string;
  outputNames: string;
  variables: tf.Variable[];
  assigned: tf.Variable[];
  /** Puts flat results back into the shape that the function returned. */
  pack: (results: tf.Tensor[]) => Outputs;
  results: number;
}

/**
 * Compiles a TensorFlow.js function: the first call with inputs of some shapes runs it once and records every native op,
 * gradients and optimizer steps included; the record becomes one TensorFlow graph, and this call and all later ones run that.
 * Variables (a LayersModel's weights too) are read anew on every run, and the ones that the function assigns are assigned after it.
 * On the wasm and cpu engines it returns `fn` in a `tf.tidy`, so callers need not know the difference.
 *
 * Python-like control flow, shapes and JavaScript numbers are fixed when a graph is made: what changes must be an input.
 *
 * @param fn takes tensors, returns a tensor, a list or a record of tensors
 * @param inputs tensors of the shapes to prepare for now; without them the first call prepares
 * @throws E_COMPILE_READ, E_COMPILE_RANDOM, E_COMPILE_CAPTURE, E_COMPILE_NESTED, E_COMPILE_VARIABLE; see docs/errors.md
 */
export function compile<I extends tf.Tensor[], O extends Outputs>(
  fn: (...inputs: I) => O,
  inputs?: I,
  options: CompileOptions = {},
): Compiled<I, O> {
  const cache = new Map<string, Graph>();
  const unload = (key: string): void => {
    nativeBackend()?.binding.deleteSavedModel(cache.get(key)!.session);
    cache.delete(key);
  };

  const graphFor = (backend: NativeBackend, given: I): Graph => {
    const key = given.map((t) => `${t.dtype}[${t.shape.join()}]`).join();
    let graph = cache.get(key);
    if (graph?.variables.some((variable) => variable.isDisposed)) {
      unload(key);
      graph = undefined;
    }
    graph ??= build(backend, fn, given, options);
    // Most recently used last.
    cache.delete(key);
    cache.set(key, graph);
    while (cache.size > (options.cacheSize ?? 8)) unload(cache.keys().next().value!);
    return graph;
  };

  const call = (...given: I): O => {
    const backend = nativeBackend();
    if (!backend) return tf.tidy(() => fn(...given) as unknown as tf.TensorContainer) as unknown as O;
    return run(backend, graphFor(backend, given), given) as O;
  };
  const compiled = Object.assign(call, {
    dispose: () => {
      for (const key of [...cache.keys()]) unload(key);
    },
  });
  Object.defineProperty(compiled, 'graphs', { get: () => cache.size });
  const backend = nativeBackend();
  if (inputs && backend) graphFor(backend, inputs);
  return compiled as Compiled<I, O>;
}

function run(backend: NativeBackend, graph: Graph, inputs: tf.Tensor[]): Outputs {
  const ids = backend.getInputTensorIds([...inputs, ...graph.variables]);
  const made = backend.binding
    .runSavedModel(graph.session, ids, graph.inputNames, graph.outputNames)
    .map((native) => backend.createOutputTensor(native));
  graph.assigned.forEach((variable, i) => {
    const value = made[graph.results + i]!;
    variable.assign(value);
    value.dispose();
  });
  return graph.pack(made.slice(0, graph.results));
}

function build<I extends tf.Tensor[]>(
  backend: NativeBackend,
  fn: (...inputs: I) => Outputs,
  inputs: I,
  options: CompileOptions,
): Graph {
  let pack: Graph['pack'] = (results) => results;
  const flat = (...given: tf.Tensor[]): tf.Tensor[] => {
    const returned = fn(...(given as I));
    if (returned instanceof tf.Tensor) {
      pack = ([result]) => result!;
      return [returned];
    }
    if (Array.isArray(returned)) return returned;
    const names = Object.keys(returned);
    pack = (results) => Object.fromEntries(names.map((name, i) => [name, results[i]!]));
    return Object.values(returned);
  };
  let recorded = trace(backend, flat, inputs, options);
  if (recorded.created.length > 0) recorded = trace(backend, flat, inputs, options);
  if (recorded.created.length > 0) {
    fail('E_COMPILE_VARIABLE', {
      where: 'compile',
      expected: 'a function that makes its variables once',
      got: `new variables on every call (${recorded.created.map((v) => v.name).join(', ')})`,
      todo: 'Make the variables before, outside the function.',
    });
  }
  const binding = backend.binding;
  const results = recorded.outputs.length;
  let outputs = [...recorded.outputs, ...recorded.assigned.map(({ value }) => value)];
  if (options.fold) outputs = foldBatchNorm(binding, outputs);
  if ((options.precision ?? enginePrecision()) === 'bf16') outputs = toBfloat16(binding, outputs);
  const placeholders = [...recorded.inputs, ...recorded.variables.map(({ node }) => node)];
  const serialized = serializeGraph(binding, placeholders, distinct(binding, outputs));
  return {
    session: load(binding, serialized.savedModel),
    inputNames: serialized.inputNames.join(','),
    outputNames: serialized.outputNames.join(','),
    variables: recorded.variables.map(({ variable }) => variable),
    assigned: recorded.assigned.map(({ variable }) => variable),
    pack,
    results,
  };
}

/** TensorFlow refuses to fetch what it was fed, and hands one buffer to two fetches of one tensor: such outputs get an Identity. */
function distinct(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const taken = new Map<GraphNode, Set<number>>();
  return outputs.map((ref) => {
    const indices = taken.get(ref.node) ?? new Set();
    taken.set(ref.node, indices);
    if (ref.node.inputs.length > 0 && !indices.has(ref.index)) {
      indices.add(ref.index);
      return ref;
    }
    const output = ref.node.outputs[ref.index]!;
    const attrs = [{ name: 'T', type: binding.TF_ATTR_TYPE, value: output.dtype }];
    return { node: new GraphNode('Identity', attrs, [ref], [output]), index: 0 };
  });
}

function load(binding: NativeBinding, savedModel: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), 'gearnn-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), savedModel);
    return binding.loadSavedModel(folder, 'serve');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
