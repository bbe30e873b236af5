import * as tf from '@tensorflow/tfjs';
import { fail } from '../common/errors.js';
import { toReference, toTensorflow } from '../models/layout.js';
import type { Network, Parameter } from '../models/network.js';
import type { StateDict, StateValues } from '../models/state-dict.js';
import type { Adaptor } from './file.js';
import { mergedTensors } from './merge.js';

/**
 * Adaptors held in memory beside one network, each ready to be swapped in. A swap re-points variables at resident tensors: nothing is
 * copied and no resident tensor is written to.
 */
export class AdaptorBank {
  private readonly parametersByName: ReadonlyMap<string, Parameter>;
  /** The base's own tensor of every item that some adaptor replaces. */
  private readonly base = new Map<string, tf.Tensor>();
  private readonly adaptors = new Map<string, Map<string, tf.Tensor>>();
  private active: string | null = null;

  /** @param network holds the base's weights; while the bank lives, only the bank writes to them */
  constructor(network: Network) {
    this.parametersByName = new Map(network.parameters.map((parameter) => [parameter.name, parameter]));
  }

  /** Levels of the resident adaptors, in the order they came. */
  get levels(): string[] {
    return [...this.adaptors.keys()];
  }

  /** Level of the adaptor that is swapped in; null for the base. */
  get level(): string | null {
    return this.active;
  }

  /** Values that all adaptors hold together, beside the base. */
  get parameters(): number {
    let sum = 0;
    for (const adaptor of this.adaptors.values()) for (const tensor of adaptor.values()) sum += tensor.size;
    return sum;
  }

  /**
   * Takes in an adaptor of any kind as the tensors that it comes to, {@link add}: a swap then takes as little time as of any other.
   *
   * @throws E_ADAPTOR_SHAPE; nothing is taken in then
   */
  addAdaptor(adaptor: Adaptor): void {
    this.add(
      adaptor.config.level,
      mergedTensors(adaptor, (name) => this.baseValues(name)),
    );
  }

  /**
   * Takes in values that stand in the place of the base's; those of the same level are replaced. Nothing is taken in on an error.
   *
   * @param state values by reference name, in the reference's layout
   * @throws E_ADAPTOR_SHAPE for a tensor that the network does not have, or has in another shape
   */
  add(level: string, state: StateDict): void {
    for (const [name, { shape }] of state) {
      const own = this.parametersByName.get(name);
      if (own && own.role !== 'fixed' && String(own.shape) === String(shape)) continue;
      fail('E_ADAPTOR_SHAPE', {
        where: `adaptor ${level}: ${name}`,
        expected: own
          ? own.role === 'fixed'
            ? 'a tensor that may change'
            : `shape [${own.shape}]`
          : 'a tensor of the network',
        got: `shape [${shape}]`,
        todo: 'Load the adaptor on the network that it was trained for.',
      });
    }
    if (this.adaptors.has(level)) this.remove(level);
    const resident = new Map<string, tf.Tensor>();
    for (const [name, { data }] of state) {
      const parameter = this.parametersByName.get(name)!;
      const { variable } = parameter;
      resident.set(name, tf.tensor(toTensorflow(data, parameter), variable.shape));
      if (!this.base.has(name)) this.base.set(name, variable.clone());
    }
    this.adaptors.set(level, resident);
  }

  /**
   * Makes one adaptor active; items that only another one has are the base's again.
   *
   * @param level null for the base alone
   * @throws E_ADAPTOR_LEVEL where none of that level is resident; nothing is changed then
   */
  swap(level: string | null): void {
    if (level === this.active) return;
    this.point(level === null ? undefined : this.resident(level));
    this.active = level;
  }

  /** Lets an adaptor go; if it is active, the base is swapped in first. */
  remove(level: string): void {
    if (this.active === level) this.swap(null);
    for (const tensor of this.adaptors.get(level)?.values() ?? []) tensor.dispose();
    this.adaptors.delete(level);
  }

  /** Swaps the base in and frees all adaptors; the network stays. */
  dispose(): void {
    this.swap(null);
    for (const level of this.levels) this.remove(level);
    for (const tensor of this.base.values()) tensor.dispose();
    this.base.clear();
  }

  /** The base's own values, whichever adaptor is active. */
  private baseValues(name: string): StateValues | undefined {
    const parameter = this.parametersByName.get(name);
    if (!parameter) return undefined;
    const tensor = this.base.get(name) ?? parameter.variable;
    return { shape: [...parameter.shape], data: toReference(tensor.dataSync() as Float32Array, parameter) };
  }

  private resident(level: string): Map<string, tf.Tensor> {
    const adaptor = this.adaptors.get(level);
    if (adaptor) return adaptor;
    return fail('E_ADAPTOR_LEVEL', {
      where: 'adaptors',
      expected: `a resident level (${this.levels.join(', ') || 'none is loaded'})`,
      got: `"${level}"`,
    });
  }

  /** Re-points every variable that some adaptor replaces: at the given one's tensor, else at the base's. */
  private point(adaptor: ReadonlyMap<string, tf.Tensor> | undefined): void {
    for (const [name, base] of this.base) {
      pointAt(this.parametersByName.get(name)!.variable, adaptor?.get(name) ?? base);
    }
  }
}

function pointAt(variable: tf.Variable, value: tf.Tensor): void {
  if (variable.dataId !== value.dataId) variable.assign(value);
}
