import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { fail } from '../common/errors.js';
import { toBfloat16 } from './bf16.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { serializeGraph } from './graph-def.js';
import { GraphNode, type NodeRef } from './graph.js';
import { wrapNative, type NativeBackend, type NativeBinding } from './native.js';
import { learningRate } from './optimizers.js';
import type { Outputs } from './outputs.js';
import type { Precision } from './precision.js';
import { trace, type Trace, type TraceOptions } from './trace.js';

export interface BuildOptions extends TraceOptions {
  precision: Precision;
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
    private readonly session: number,
    private readonly inputNames: string,
    private readonly outputNames: string,
  ) {}

  /** @throws what `trace` throws, and E_COMPILE_VARIABLE where `fn` makes variables on every call */
  static build(
    backend: NativeBackend,
    fn: (...inputs: tf.Tensor[]) => unknown,
    inputs: tf.Tensor[],
    { precision, ...options }: BuildOptions,
  ): CompiledGraph {
    const recorded = traceSettled(backend, fn, inputs, options);
    const { binding } = backend;
    const all = [...recorded.outputs.map(({ ref }) => ref), ...recorded.assigned.map(({ value }) => value)];
    const outputs = options.fold ? foldBatchNorm(binding, all) : all;
    const placeholders = [...recorded.inputs, ...recorded.fed.map(({ node }) => node)];
    const fetched = distinct(binding, precision === 'bf16' ? toBfloat16(binding, outputs) : outputs);
    const { savedModel, inputNames, outputNames } = serializeGraph(binding, placeholders, fetched);
    const session = load(binding, savedModel);
    const bindings: Bindings = {
      optimizers: recorded.optimizers,
      pack: recorded.pack,
      fed: recorded.fed.map(({ tensor }) => ({ tensor })),
      outputs: recorded.outputs.map(({ dtype }) => ({ dtype })),
      assigned: recorded.assigned.map(({ variable }) => ({ variable })),
    };
    return new CompiledGraph(backend, bindings, session, inputNames.join(','), outputNames.join(','));
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
    const made = backend.binding.runSavedModel(this.session, ids, this.inputNames, this.outputNames);
    assigned.forEach(({ variable }, i) => {
      const value = wrapNative(backend, made[outputs.length + i]!, variable.dtype);
      variable.assign(value);
      value.dispose();
    });
    return pack(outputs.map(({ dtype }, i) => wrapNative(backend, made[i]!, dtype)));
  }

  unload(): void {
    this.backend.binding.deleteSavedModel(this.session);
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
