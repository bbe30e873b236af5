import * as tf from '@tensorflow/tfjs';
import { fail } from '../common/errors.js';
import { toTensorflow } from '../models/layout.js';
import type { Network, Parameter } from '../models/network.js';
import type { StateDict } from '../models/state-dict.js';

/**
 * Adaptors held in memory beside one network, each ready to be swapped in. A swap re-points variables at resident tensors: nothing is
 * copied and no resident tensor is written to.
 */
export class AdaptorBank {
  private readonly parametersByName: ReadonlyMap<string, Parameter>;
  /** The base's own tensor of every item that some adaptor replaces. */
  private readonly base = new Map<string, tf.Tensor>();
  private readonly adaptors = new Map<string, Map<string, tf.Tensor>>();
  /** Undefined while a blend is active. */
  private active: string | null | undefined = null;
  private blended: Map<string, tf.Tensor> | undefined;

  /** @param network holds the base's weights; while the bank lives, only the bank writes to them */
  constructor(network: Network) {
    this.parametersByName = new Map(network.parameters.map((parameter) => [parameter.name, parameter]));
  }

  /** Levels of the resident adaptors, in the order they came. */
  get levels(): string[] {
    return [...this.adaptors.keys()];
  }

  /** Level of the adaptor that is swapped in; null for the base, undefined for a blend. */
  get level(): string | null | undefined {
    return this.active;
  }

  /** Values that all adaptors hold together, beside the base. */
  get parameters(): number {
    let sum = 0;
    for (const adaptor of this.adaptors.values()) for (const tensor of adaptor.values()) sum += tensor.size;
    return sum;
  }

  /**
   * Takes in an adaptor; one of the same level is replaced. Nothing is taken in on an error.
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
    this.freeBlend();
    this.active = level;
  }

  /**
   * Makes a mixture of two adaptors active: `a * (1 - share) + b * share`. It is made anew on every call and goes with the next swap.
   *
   * @returns false, and nothing is changed, where the two do not hold the same items
   * @throws E_ADAPTOR_LEVEL where one of them is not resident
   */
  blend(a: string, b: string, share: number): boolean {
    const [first, second] = [this.resident(a), this.resident(b)];
    if (first.size !== second.size || [...first.keys()].some((name) => !second.has(name))) return false;
    const mixed = new Map<string, tf.Tensor>();
    for (const [name, tensor] of first) {
      mixed.set(
        name,
        tf.tidy(() => tf.add(tf.mul(tensor, 1 - share), tf.mul(second.get(name)!, share))),
      );
    }
    this.point(mixed);
    this.freeBlend();
    this.blended = mixed;
    // No resident adaptor is active, so the next swap is one, to whichever level.
    this.active = undefined;
    return true;
  }

  /** Lets an adaptor go; if it is active, the base is swapped in first. */
  remove(level: string): void {
    if (this.active === level || this.active === undefined) this.swap(null);
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

  private freeBlend(): void {
    for (const tensor of this.blended?.values() ?? []) tensor.dispose();
    this.blended = undefined;
  }
}

function pointAt(variable: tf.Variable, value: tf.Tensor): void {
  if (variable.dataId !== value.dataId) variable.assign(value);
}
