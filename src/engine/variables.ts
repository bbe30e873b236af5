import tf from '../common/tf.cjs';
import { nativeId, type NativeBackend } from './native.js';

/** Every variable of the process, a LayersModel's weights and an optimizer's slots too; disposed ones are gone. */
export function allVariables(): tf.Variable[] {
  const engine = tf.engine() as unknown as { registeredVariables: Record<string, tf.Variable> };
  return Object.values(engine.registeredVariables);
}

/**
 * What variables held before a function ran: tells which ones it made and assigned, and sets them back.
 */
export class VariableSnapshot {
  private readonly before = new Map<tf.Variable, tf.DataId>();
  private readonly made: tf.Variable[] = [];

  constructor(
    private readonly backend: NativeBackend,
    private readonly variables: tf.Variable[],
  ) {
    for (const variable of variables) this.keep(variable);
  }

  /** Runs `run` and notes the variables that it makes. */
  watch<T>(run: () => T): T {
    const engine = tf.engine();
    const original = engine.makeVariable;
    engine.makeVariable = (...args) => {
      const variable = original.apply(engine, args);
      this.made.push(variable);
      this.keep(variable);
      return variable;
    };
    try {
      return run();
    } finally {
      engine.makeVariable = original;
    }
  }

  /** The variables made meanwhile that still live. */
  created(): tf.Variable[] {
    return this.made.filter((variable) => !variable.isDisposed);
  }

  /** The older variables that hold something else now. */
  assigned(): tf.Variable[] {
    return this.variables.filter((variable) => !variable.isDisposed && variable.dataId !== this.before.get(variable));
  }

  /** Gives every variable its old value back; to be called once. */
  restore(): void {
    const engine = tf.engine() as unknown as { disposeTensor(t: tf.Tensor): void; incRef(t: tf.Tensor, b: null): void };
    for (const [variable, dataId] of this.before) {
      if (!variable.isDisposed && variable.dataId !== dataId) {
        engine.disposeTensor(variable);
        (variable as { dataId: tf.DataId }).dataId = dataId;
        engine.incRef(variable, null);
      }
      this.backend.disposeData(dataId);
    }
  }

  /** A reference of our own keeps the value alive when the variable is assigned another. */
  private keep(variable: tf.Variable): void {
    nativeId(this.backend, variable);
    this.before.set(variable, variable.dataId);
    this.backend.incRef(variable.dataId);
  }
}
