import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import { toReference } from '../models/layout.js';
import type { Network, Parameter } from '../models/network.js';
import type { StateDict, StateValues } from '../models/state-dict.js';
import type { Adaptor } from './file.js';
import { items, type ItemsConfig } from './kinds/items.js';
import type { AdaptorKind, CommonConfig, Tensors } from './kinds/kind.js';
import { kindOf } from './kinds/registry.js';

/** An adaptor in memory. */
interface Resident {
  /** Names of the network's tensors that it changes. */
  changes: readonly string[];
  /** Its own tensors, on the engine. */
  held: Tensors;
  /** What stands in the place of the network's: tensors that it holds, or new ones. */
  merge(base: (name: string) => tf.Tensor): Tensors;
}

/**
 * Adaptors held in memory beside one network, each ready to be swapped in. A swap re-points variables: at resident tensors, of which nothing
 * is copied or written to, or, of low-rank changes, at sums that are made for it and go with the next swap.
 */
export class AdaptorBank {
  private readonly parametersByName: ReadonlyMap<string, Parameter>;
  /** The base's own tensor of everything that some adaptor changes. */
  private readonly base = new Map<string, tf.Tensor>();
  private readonly adaptors = new Map<string, Resident>();
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

  /** Values that all adaptors hold together, beside the base, and room for those that the largest one is merged into. */
  get parameters(): number {
    let [sum, largest] = [0, 0];
    for (const { changes, held } of this.adaptors.values()) {
      for (const tensor of held.values()) sum += tensor.size;
      const made = changes.filter((name) => !held.has(name));
      const merged = made.reduce((values, name) => values + this.parametersByName.get(name)!.size, 0);
      largest = Math.max(largest, merged);
    }
    return sum + largest;
  }

  /**
   * Takes in an adaptor of any kind; one of the same level is replaced. Nothing is taken in on an error.
   *
   * @param share how far it goes from the base to the adaptor, 0..1: swapping and answering take as long whatever it is
   * @throws E_ADAPTOR_SHAPE for a tensor that does not fit the network
   */
  addAdaptor({ config, state }: Adaptor, share = 1): void {
    this.take(config.level, kindOf(config), config, state, share);
  }

  /**
   * Takes in values that stand in the place of the base's; those of the same level are replaced. Nothing is taken in on an error.
   *
   * @param state values by reference name, in the reference's layout
   * @throws E_ADAPTOR_SHAPE for a tensor that the network does not have, or has in another shape
   */
  add(level: string, state: StateDict): void {
    const each = [...state].map(([name, { data }]) => ({ name, tensors: [name], size: data.length }));
    this.take(level, items, { items: each } as ItemsConfig, state);
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
    for (const tensor of this.adaptors.get(level)?.held.values() ?? []) tensor.dispose();
    this.adaptors.delete(level);
  }

  /** Swaps the base in and frees all adaptors; the network stays. */
  dispose(): void {
    this.swap(null);
    for (const level of this.levels) this.remove(level);
    for (const tensor of this.base.values()) tensor.dispose();
    this.base.clear();
  }

  private take<Config extends CommonConfig>(
    level: string,
    kind: AdaptorKind<Config>,
    config: Config,
    state: StateDict,
    share = 1,
  ): void {
    const parameterOf = (name: string): Parameter | undefined => this.parametersByName.get(name);
    const shapes = kind.shapes(config, (name) => {
      const own = parameterOf(name);
      return own?.role === 'fixed' ? undefined : own?.shape;
    });
    for (const [name, { shape }] of state) if (String(shapes.get(name)) !== String(shape)) refuse(name, shape);
    const changes = kind.changes(config);
    if (this.adaptors.has(level)) this.remove(level);
    for (const name of changes) {
      if (!this.base.has(name)) this.base.set(name, parameterOf(name)!.variable.clone());
    }
    const baseOf = (name: string): StateValues => valuesOf(this.base.get(name)!);
    const referenceOf = (name: string): StateValues => {
      const parameter = parameterOf(name)!;
      return { shape: [...parameter.shape], data: toReference(baseOf(name).data, parameter) };
    };
    const own = share === 1 ? state : kind.scale(config, state, share, referenceOf);
    const placed = kind.place(config, own, (name) => parameterOf(name)!, baseOf);
    const held = new Map([...placed].map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]));
    this.adaptors.set(level, { changes, held, merge: (base) => kind.mergeTensors(config, held, base) });

    function refuse(name: string, shape: readonly number[]): never {
      const wanted = shapes.get(name);
      fail('E_ADAPTOR_SHAPE', {
        where: `adaptor ${level}: ${name}`,
        expected: wanted ? `shape [${wanted}]` : 'a tensor that the network has, and that may change',
        got: `shape [${shape}]`,
        todo: 'Load the adaptor on the network that it was trained for.',
      });
    }
  }

  private resident(level: string): Resident {
    const adaptor = this.adaptors.get(level);
    if (adaptor) return adaptor;
    return fail('E_ADAPTOR_LEVEL', {
      where: 'adaptors',
      expected: `a resident level (${this.levels.join(', ') || 'none is loaded'})`,
      got: `"${level}"`,
    });
  }

  /** Re-points every variable that some adaptor changes: at what the given one comes to, else at the base's. */
  private point(adaptor: Resident | undefined): void {
    // Variables keep what they point at; whatever else was made goes.
    tf.tidy(() => {
      const tensors = adaptor?.merge((name) => this.base.get(name)!);
      for (const [name, base] of this.base) {
        pointAt(this.parametersByName.get(name)!.variable, tensors?.get(name) ?? base);
      }
    });
  }
}

function pointAt(variable: tf.Variable, value: tf.Tensor): void {
  if (variable.dataId !== value.dataId) variable.assign(value);
}

function valuesOf(tensor: tf.Tensor): StateValues {
  return { shape: tensor.shape, data: tensor.dataSync() as Float32Array };
}
