import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import { CompiledGraph } from './compiled-graph.js';
import { nativeBackend, type NativeBackend } from './native.js';
import { flatten, type Outputs } from './outputs.js';
import { enginePrecision, requirePrecision, type Precision } from './precision.js';
import { SharedGraphs } from './shared-graph.js';

export type { Outputs } from './outputs.js';

export interface CompileOptions {
  /** `bf16` runs convolutions and what flows between them in bfloat16. Default: the engine's. */
  precision?: Precision;
  /** How many graphs, one for each set of input shapes, stay loaded; the one used longest ago goes first. Default 8. */
  cacheSize?: number;
  /** Tensors made outside the function whose present values are frozen into the graph. */
  constants?: tf.Tensor[];
  /** Which variables' present values are frozen into the graph instead of read on every run. Default: none. */
  fold?: (variable: tf.Variable) => boolean;
  /**
   * Lets graphs that differ only in sizes share what they hold, so that a further size of input costs next to no memory: frozen
   * values are then those of the first. What the function writes itself, and writes otherwise at another size, is fed on every run.
   */
  shareSizes?: boolean;
  /**
   * Whether the function may make variables, as optimizers do when they first run. Recording one that makes none takes a fraction of the
   * memory, as large results need no values then. Default: true.
   */
  makesVariables?: boolean;
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

/**
 * Compiles a TensorFlow.js function: the first call with inputs of some shapes runs it once and records every native op,
 * gradients and optimizer steps included; the record becomes one TensorFlow graph, and this call and all later ones run that.
 * Variables (a LayersModel's weights too) are read anew on every run, and the ones that the function assigns are assigned after it.
 * On the wasm and cpu engines the function itself runs, in a `tf.tidy`, so callers need not know the difference.
 *
 * Control flow, shapes and JavaScript numbers are fixed when a graph is made: what changes must be an input. See docs/compile.md.
 *
 * @param fn takes tensors, returns a tensor, a list or a record of tensors
 * @param inputs tensors of the shapes to prepare for now; without them the first call prepares
 * @throws E_COMPILE_READ, E_COMPILE_RANDOM, E_COMPILE_CAPTURE, E_COMPILE_NESTED, E_COMPILE_RESULT, E_COMPILE_VARIABLE when a graph is
 *   made; E_ENGINE_PRECISION, E_USAGE
 */
export function compile<I extends tf.Tensor[], O extends Outputs>(
  fn: (...inputs: I) => O,
  inputs?: I,
  options: CompileOptions = {},
): Compiled<I, O> {
  const { cacheSize = 8, precision, shareSizes = false, ...recording } = options;
  if (!(cacheSize >= 1))
    fail('E_USAGE', { where: 'compile cacheSize', expected: 'a whole number from 1 on', got: String(cacheSize) });
  if (precision !== undefined) requirePrecision(precision);
  const cache = new Map<string, CompiledGraph>();
  const unload = (key: string): void => {
    cache.get(key)!.unload();
    cache.delete(key);
  };

  let shared: SharedGraphs | undefined;
  const graphFor = (backend: NativeBackend, given: I): CompiledGraph => {
    const arithmetic = precision ?? enginePrecision();
    // The native type, not TensorFlow.js': an int32 tensor may be 8 or 64 bits wide.
    const types = given.map(({ dataId, shape }) => `${backend.tensorMap.get(dataId).dtype}[${shape.join()}]`);
    const key = [arithmetic, ...types].join(' ');
    if (cache.get(key)?.isStale) unload(key);
    if (shareSizes) shared ??= new SharedGraphs(backend);
    const run = fn as unknown as (...inputs: tf.Tensor[]) => unknown;
    const graph =
      cache.get(key) ?? CompiledGraph.build(backend, run, given, { ...recording, shared, precision: arithmetic });
    // Most recently used last.
    cache.delete(key);
    cache.set(key, graph);
    while (cache.size > cacheSize) unload(cache.keys().next().value!);
    return graph;
  };

  const call = (...given: I): O => {
    given.forEach(checkInput);
    const backend = nativeBackend();
    return (backend ? graphFor(backend, given).run(given) : runPlain(() => fn(...given))) as O;
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

/** For callers without types, and for tensors that are gone, which the native engine would not name. */
function checkInput(input: unknown, position: number): void {
  if (input instanceof tf.Tensor && !input.isDisposed) return;
  fail('E_USAGE', {
    where: `compiled function, input ${position}`,
    expected: 'a tensor that is not disposed',
    got: input instanceof tf.Tensor ? 'a disposed one' : `a ${typeof input}`,
    todo: 'Make a number a tensor: tf.scalar(3).',
  });
}

/** Runs the function as it is. What it returns may be an input, or one tensor twice; the caller gets tensors of its own, as from a graph. */
function runPlain(run: () => Outputs): Outputs {
  let pack: ReturnType<typeof flatten>['pack'];
  const tensors = tf.tidy(() => {
    const flat = flatten(run());
    pack = flat.pack;
    return flat.tensors.map((tensor) => tensor.clone());
  });
  return pack!(tensors);
}
