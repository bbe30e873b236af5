import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import { sparingly } from './host-memory.js';
import { inBfloat16 } from './passes/bf16.js';
import type { GraphNode, NodeRef } from './graph.js';
import { forInference } from './passes/for-inference.js';
import { keepOrder } from './passes/keep-order.js';
import { wrapNative, type NativeBackend, type NativeBinding } from './native.js';
import { passOn } from './nodes.js';
import { learningRate } from './optimizers.js';
import type { Outputs } from './outputs.js';
import type { Precision } from './precision.js';
import { fusesSlowly, separateBatchNorm } from './passes/separate-batch-norm.js';
import { separateLayerNorm } from './passes/separate-layer-norm.js';
import { Session } from './session.js';
import type { Runs, SharedGraphs } from './shared-graph.js';
import { trace, type Trace, type TraceOptions } from './trace.js';

export interface BuildOptions extends TraceOptions {
  precision: Precision;
  /** Graphs of other sizes to share one with; none to have one of its own. */
  shared?: SharedGraphs;
}

/** What a loaded graph still needs of its trace. The nodes, and the constants in them, are the engine's by then. */
interface Bindings extends Pick<Trace, 'optimizers' | 'pack'> {
  fed: Pick<Trace['fed'][number], 'tensor'>[];
  outputs: Pick<Trace['outputs'][number], 'dtype'>[];
  assigned: Pick<Trace['assigned'][number], 'variable'>[];
}

/** A function's record for inputs of fixed shapes, loaded as a native graph. */
export class CompiledGraph {
  private constructor(
    private readonly backend: NativeBackend,
    private readonly recorded: Bindings,
    private readonly graph: Runs,
  ) {}

  /** @throws what `trace` throws, and E_COMPILE_VARIABLE where `fn` makes variables on every call */
  static build(
    backend: NativeBackend,
    fn: (...inputs: tf.Tensor[]) => unknown,
    inputs: tf.Tensor[],
    { precision, shared, ...options }: BuildOptions,
  ): CompiledGraph {
    const recorded = sparingly(() => traceSettled(backend, fn, inputs, options));
    const { binding } = backend;
    const all = [...recorded.outputs.map(({ ref }) => ref), ...recorded.assigned.map(({ value }) => value)];
    if (recorded.assigned.length > 0) keepOrder(all, recorded.inputs);
    const outputs = options.fold ? forInference(binding, all) : all;
    const typed = precision === 'bf16' ? inBfloat16(binding, outputs, options.fold !== undefined) : outputs;
    const parted = separateLayerNorm(binding, fusesSlowly(binding) ? separateBatchNorm(binding, typed) : typed);
    const fetched = distinct(binding, parted);
    const { inputs: given } = recorded;
    const fed = recorded.fed.map(({ node }) => node);
    const graph = shared
      ? shared.load({ inputs: given, fed, outputs: fetched })
      : Session.load(backend, [...given, ...fed], fetched);
    const bindings: Bindings = {
      optimizers: recorded.optimizers,
      pack: recorded.pack,
      fed: recorded.fed.map(({ tensor }) => ({ tensor })),
      outputs: recorded.outputs.map(({ dtype }) => ({ dtype })),
      assigned: recorded.assigned.map(({ variable }) => ({ variable })),
    };
    return new CompiledGraph(backend, bindings, graph);
  }

  /** Whether something that the record took for granted is no longer so: a variable is gone, a learning rate was set. */
  get isStale(): boolean {
    const { fed, assigned, optimizers } = this.recorded;
    return (
      fed.some(({ tensor }) => tensor.isDisposed) ||
      assigned.some(({ variable }) => variable.isDisposed) ||
      optimizers.some(({ optimizer, rate }) => learningRate(optimizer) !== rate)
    );
  }

  /** Runs the graph, and assigns the variables that the function assigned. */
  run(inputs: tf.Tensor[]): Outputs {
    const { backend, recorded } = this;
    const { outputs, assigned, fed, pack } = recorded;
    const ids = backend.getInputTensorIds([...inputs, ...fed.map(({ tensor }) => tensor)]);
    const made = this.graph.run(ids);
    assigned.forEach(({ variable }, i) => {
      const value = wrapNative(backend, made[outputs.length + i]!, variable.dtype);
      variable.assign(value);
      value.dispose();
    });
    return pack(outputs.map(({ dtype }, i) => wrapNative(backend, made[i]!, dtype)));
  }

  unload(): void {
    this.graph.release();
  }
}

/** Traces once, and once more where the function made variables that stay: an optimizer's slots. */
function traceSettled(
  backend: NativeBackend,
  fn: (...inputs: tf.Tensor[]) => unknown,
  inputs: tf.Tensor[],
  options: TraceOptions,
): Trace {
  const first = trace(backend, fn, inputs, options);
  if (first.created.length === 0) return first;
  if (options.makesVariables === false) {
    const names = first.created.map(({ name }) => name).join(', ');
    for (const variable of first.created) variable.dispose();
    fail('E_COMPILE_VARIABLE', {
      where: 'compile',
      expected: 'a function that makes no variables',
      got: `new ones (${names})`,
      todo: 'Make them before, outside the function, or leave out makesVariables: false.',
    });
  }
  const second = trace(backend, fn, inputs, options);
  if (second.created.length === 0) return second;
  const used = new Set<tf.Tensor>([
    ...second.fed.map(({ tensor }) => tensor),
    ...second.assigned.map((a) => a.variable),
  ]);
  const strays = [...first.created.filter((variable) => !used.has(variable)), ...second.created];
  const names = strays.map(({ name }) => name).join(', ');
  for (const variable of strays) variable.dispose();
  fail('E_COMPILE_VARIABLE', {
    where: 'compile',
    expected: 'a function that makes its variables once',
    got: `new variables on every call (${names})`,
    todo: 'Make the variables before, outside the function.',
  });
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
    return passOn(binding, 'Identity', ref);
  });
}
