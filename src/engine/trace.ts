import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import type { GraphNode, NodeRef } from './graph.js';
import { alias, type NativeBackend } from './native.js';
import { learningRate, ownTensors, watchOptimizers } from './optimizers.js';
import { flatten, type FlatOutputs } from './outputs.js';
import { Recorder, type Fed } from './recorder.js';
import { allVariables, VariableSnapshot } from './variables.js';

/** What one run of a function did, as native ops. */
export interface Trace {
  /** A Placeholder for every input, in the order given. */
  inputs: GraphNode[];
  /** Variables and optimizers' tensors that the function read, each with the Placeholder it is fed through. */
  fed: Fed[];
  outputs: { ref: NodeRef; dtype: tf.DataType }[];
  /** Puts tensors in the outputs' places into the form that the function returned. */
  pack: FlatOutputs['pack'];
  /** The variables that the function assigned, each with its new value. */
  assigned: { variable: tf.Variable; value: NodeRef }[];
  /** Variables that the function made (an optimizer's slots): it has to be traced once more, now that they exist. */
  created: tf.Variable[];
  /** Optimizers that took part, and the learning rates that became constants. */
  optimizers: { optimizer: tf.Optimizer; rate: number }[];
}

export interface TraceOptions {
  /** Tensors made outside the function whose present values become constants of the graph. */
  constants?: tf.Tensor[];
  /** Variables whose present values become constants of the graph: a frozen base. */
  fold?: (variable: tf.Variable) => boolean;
  /** As {@link CompileOptions.makesVariables}. */
  makesVariables?: boolean;
}

/**
 * Runs `fn` once on the native engine and records every native op that it executes, gradients and optimizer steps included.
 * Variables that `fn` assigns are set back afterwards, so that a trace changes nothing.
 *
 * @throws E_COMPILE_READ where `fn` reads a tensor's data, E_COMPILE_RANDOM where it draws unseeded random numbers in
 *   JavaScript, E_COMPILE_CAPTURE where it uses a tensor that is neither an input, nor a variable, nor made inside,
 *   E_COMPILE_NESTED where it calls a compiled function, E_COMPILE_RESULT for what it returns
 */
export function trace(
  backend: NativeBackend,
  fn: (...inputs: tf.Tensor[]) => unknown,
  inputs: tf.Tensor[],
  { constants = [], fold = () => false, makesVariables = true }: TraceOptions = {},
): Trace {
  const recorder = new Recorder(backend, makesVariables);
  // An input's handle may be a variable's or another input's too; only a handle of its own tells what the function read.
  const standIns = inputs.map((input) => alias(backend, input));
  const inputNodes = standIns.map((tensor) => recorder.input(tensor));
  for (const tensor of constants) recorder.constant(tensor);
  const variables = allVariables();
  for (const variable of variables) {
    if (recorder.isTaken(variable)) separate(backend, variable);
    recorder.allow(variable, fold(variable));
  }
  const optimizers = new Map<tf.Optimizer, number>();
  const onOptimizer = (optimizer: tf.Optimizer): void => {
    optimizers.set(optimizer, learningRate(optimizer));
    for (const tensor of ownTensors(optimizer)) recorder.allow(tensor);
  };

  const snapshot = new VariableSnapshot(backend, variables);
  const run = (): Pick<Trace, 'outputs' | 'pack' | 'assigned'> => {
    const { tensors, pack } = flatten(watchOptimizers(onOptimizer, () => snapshot.watch(() => fn(...standIns))));
    // Delayed writes (a constant returned as it is) become native here, while the recorder listens.
    const outputs = tensors.map((tensor) => ({ ref: recorder.refOf(tensor, 'the result'), dtype: tensor.dtype }));
    const assigned = snapshot.assigned().map((variable) => {
      if (fold(variable)) refuseFolded(variable);
      return { variable, value: recorder.refOf(variable, `the new value of ${variable.name}`) };
    });
    return { outputs, pack, assigned };
  };
  try {
    let recorded!: ReturnType<typeof run>;
    recorder.record(() => tf.tidy(() => void (recorded = run())));
    return {
      ...recorded,
      inputs: inputNodes,
      fed: recorder.fed,
      created: snapshot.created(),
      optimizers: [...optimizers].map(([optimizer, rate]) => ({ optimizer, rate })),
    };
  } finally {
    snapshot.restore();
    for (const tensor of standIns) tensor.dispose();
  }
}

/** Gives a variable that shares its data with another tensor (both were assigned one value) a handle of its own. */
function separate(backend: NativeBackend, variable: tf.Variable): void {
  const copy = alias(backend, variable);
  variable.assign(copy);
  copy.dispose();
}

function refuseFolded(variable: tf.Variable): never {
  fail('E_COMPILE_VARIABLE', {
    where: 'compile',
    expected: 'a function that leaves folded variables as they are',
    got: `an assignment to ${variable.name}`,
    todo: 'Leave it out of `fold`.',
  });
}
