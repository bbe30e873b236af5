import * as tf from '@tensorflow/tfjs';
import { fail } from '../common/errors.js';
import { GraphNode, type NodeRef } from './graph.js';
import type { NativeBackend, NativeBinding, OpAttr } from './native.js';

/** What one run of a function did, as native ops. */
export interface Trace {
  /** A Placeholder for every input, in the order given. */
  inputs: GraphNode[];
  /** The variables that the function read, each with the Placeholder it is fed through. */
  variables: { variable: tf.Variable; node: GraphNode }[];
  outputs: NodeRef[];
  /** The variables that the function assigned, each with its new value. */
  assigned: { variable: tf.Variable; value: NodeRef }[];
  /** Variables that the function made (an optimizer's slots): it has to be traced once more, now that they exist. */
  created: tf.Variable[];
}

export interface TraceOptions {
  /** Tensors made outside the function whose present values become constants of the graph. */
  constants?: tf.Tensor[];
  /** Variables whose present values become constants of the graph: a frozen base. */
  fold?: (variable: tf.Variable) => boolean;
}

/**
 * Runs `fn` once on the native engine and records every native op that it executes, gradients and optimizer steps included.
 * Variables that `fn` assigns are set back afterwards, so that a trace changes nothing.
 *
 * @throws E_COMPILE_READ where `fn` reads a tensor's data, E_COMPILE_RANDOM where it draws unseeded random numbers in
 *   JavaScript, E_COMPILE_CAPTURE where it uses a tensor that is neither an input, nor a variable, nor made inside
 */
export function trace(
  backend: NativeBackend,
  fn: (...inputs: tf.Tensor[]) => tf.Tensor[],
  inputs: tf.Tensor[],
  options: TraceOptions = {},
): Trace {
  const binding = backend.binding;
  const known = new Map<number, NodeRef>();
  const nativeId = (tensor: tf.Tensor): number => backend.getInputTensorIds([tensor])[0]!;

  const inputNodes = inputs.map((input) => {
    const node = GraphNode.placeholder(backend.tensorMap.get(input.dataId).dtype, input.shape);
    known.set(nativeId(input), { node, index: 0 });
    return node;
  });
  for (const tensor of options.constants ?? []) known.set(nativeId(tensor), constantOf(backend, tensor));

  const registered = Object.values(registeredVariables()).filter((v) => backend.tensorMap.has(v.dataId));
  const byId = new Map<number, tf.Variable>();
  for (const variable of registered) {
    if (byId.has(nativeId(variable))) separate(backend, variable);
    byId.set(nativeId(variable), variable);
  }
  const before = new Map(registered.map((variable) => [variable, variable.dataId] as const));
  const variables: Trace['variables'] = [];
  // A reference of our own keeps the old values alive when the function assigns over them.
  for (const dataId of before.values()) backend.incRef(dataId);

  const resolve = (id: number, op: string): NodeRef => {
    const found = known.get(id);
    if (found) return found;
    const variable = byId.get(id);
    if (!variable) {
      fail('E_COMPILE_CAPTURE', {
        where: `compile: ${op}`,
        expected: 'inputs, variables and tensors made inside the function',
        got: 'a tensor that was made outside',
        todo: 'Pass it as an input, or list it in `constants` to freeze its present value.',
      });
    }
    let ref: NodeRef;
    if (options.fold?.(variable)) {
      ref = constantOf(backend, variable);
    } else {
      const node = GraphNode.placeholder(backend.tensorMap.get(variable.dataId).dtype, variable.shape);
      variables.push({ variable, node });
      ref = { node, index: 0 };
    }
    known.set(id, ref);
    return ref;
  };

  let lastOp = 'the start of the function';
  const overrides: Partial<NativeBinding> = {
    createTensor(shape: number[], dtype: number, values: ArrayBufferView | unknown[]) {
      const id = binding.createTensor(shape, dtype, values);
      known.set(id, { node: GraphNode.constant(dtype, shape, values), index: 0 });
      return id;
    },
    executeOp(op: string, attrs: OpAttr[], ids: number[], outputs: number) {
      const refs = ids.map((id) => resolve(id, op));
      const made = binding.executeOp(op, attrs, ids, outputs);
      const node = new GraphNode(
        op,
        attrs,
        refs,
        made.map((m) => ({ dtype: m.dtype, shape: m.shape })),
      );
      made.forEach((m, index) => known.set(m.id, { node, index }));
      lastOp = op;
      return made;
    },
    tensorDataSync(): never {
      fail('E_COMPILE_READ', {
        where: `compile: after ${lastOp}`,
        expected: 'a function that leaves its data on the engine',
        got: 'a read of a tensor (data, dataSync, array, arraySync or print)',
        todo: 'Return the tensor and read it after the call.',
      });
    },
    loadSavedModel: nested,
    runSavedModel: nested,
  };
  // The addon's own functions are read-only, so they are shadowed, not assigned.
  const recorder = Object.create(binding, Object.getOwnPropertyDescriptors(overrides)) as NativeBinding;

  const random = Math.random;
  const engine = tf.engine();
  const makeVariable = engine.makeVariable;
  let outputs: NodeRef[] = [];
  const assigned: Trace['assigned'] = [];
  const created: tf.Variable[] = [];
  try {
    backend.binding = recorder;
    Math.random = () =>
      fail('E_COMPILE_RANDOM', {
        where: `compile: after ${lastOp}`,
        expected: 'a function that draws no random numbers in JavaScript',
        got: 'a call of Math.random, whose result would be the same on every run',
        todo: 'Make the random tensor an input, or give the op a seed.',
      });
    engine.makeVariable = (...args) => {
      const variable = makeVariable.apply(engine, args);
      created.push(variable);
      before.set(variable, variable.dataId);
      backend.incRef(variable.dataId);
      return variable;
    };
    tf.tidy(() => {
      // Delayed writes (a constant returned as it is) become native here, while the recorder listens.
      outputs = fn(...inputs).map((result) => resolve(nativeId(result), 'the result'));
      for (const variable of registered) {
        if (variable.isDisposed || variable.dataId === before.get(variable)) continue;
        assigned.push({ variable, value: resolve(nativeId(variable), `the new value of ${variable.name}`) });
      }
    });
    return { inputs: inputNodes, variables, outputs, assigned, created };
  } finally {
    Math.random = random;
    engine.makeVariable = makeVariable;
    backend.binding = binding;
    for (const [variable, dataId] of before) {
      if (!variable.isDisposed && variable.dataId !== dataId) setData(variable, dataId);
      backend.disposeData(dataId);
    }
  }
}

function nested(): never {
  fail('E_COMPILE_NESTED', {
    where: 'compile',
    expected: 'a function of TensorFlow.js ops',
    got: 'a call of a compiled function or a SavedModel inside it',
    todo: 'Call the plain function inside, and compile the outer one only.',
  });
}

function constantOf(backend: NativeBackend, tensor: tf.Tensor): NodeRef {
  const { dtype } = backend.tensorMap.get(tensor.dataId);
  return { node: GraphNode.constant(dtype, tensor.shape, tensor.dataSync()), index: 0 };
}

function registeredVariables(): Record<string, tf.Variable> {
  return (tf.engine() as unknown as { registeredVariables: Record<string, tf.Variable> }).registeredVariables;
}

/** Gives a variable that shares its data with another one (both were assigned one tensor) a handle of its own. */
function separate(backend: NativeBackend, variable: tf.Variable): void {
  const attrs = [
    { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.tensorMap.get(variable.dataId).dtype },
  ];
  const copy = backend.executeSingleOutput('Identity', attrs, [variable]);
  variable.assign(copy);
  copy.dispose();
}

/** Points `variable` back at data whose reference the caller holds. */
function setData(variable: tf.Variable, dataId: tf.DataId): void {
  const engine = tf.engine() as unknown as { disposeTensor(t: tf.Tensor): void; incRef(t: tf.Tensor, b: null): void };
  engine.disposeTensor(variable);
  (variable as { dataId: tf.DataId }).dataId = dataId;
  engine.incRef(variable, null);
}
