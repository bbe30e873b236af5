import * as tf from '@tensorflow/tfjs';
import { fail } from '../common/errors.js';
import type { Network, Parameter } from '../models/network.js';
import type { StateDict } from '../models/state-dict.js';
import type { Adaptor } from './file.js';
import { kindOf } from './kinds/registry.js';
import { type Resident, residentTensors } from './kinds/resident.js';

/** Shapes that a network takes tensors in, by name, in the reference's layout; undefined for one that it does not take. */
type ShapeOf = (name: string) => readonly number[] | undefined;

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
    const all = [...this.adaptors.values()];
    return all.reduce((sum, { values }) => sum + values, 0) + Math.max(0, ...all.map(({ merged }) => merged));
  }

  /**
   * Takes in an adaptor of any kind; one of the same level is replaced. Nothing is taken in on an error.
   *
   * @throws E_ADAPTOR_SHAPE for a tensor that does not fit the network
   */
  addAdaptor({ config, state }: Adaptor): void {
    const kind = kindOf(config);
    this.check(config.level, state, (shapeOf) => kind.shapes(config, shapeOf));
    this.hold(
      config.level,
      kind.reside(config, state, (name) => this.parametersByName.get(name)!),
    );
  }

  /**
   * Takes in values that stand in the place of the base's; those of the same level are replaced. Nothing is taken in on an error.
   *
   * @param state values by reference name, in the reference's layout
   * @throws E_ADAPTOR_SHAPE for a tensor that the network does not have, or has in another shape
   */
  add(level: string, state: StateDict): void {
    this.check(level, state, (shapeOf) => new Map([...state.keys()].map((name) => [name, shapeOf(name)])));
    this.hold(
      level,
      residentTensors(state, (name) => this.parametersByName.get(name)!),
    );
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
    this.adaptors.get(level)?.dispose();
    this.adaptors.delete(level);
  }

  /** Swaps the base in and frees all adaptors; the network stays. */
  dispose(): void {
    this.swap(null);
    for (const level of this.levels) this.remove(level);
    for (const tensor of this.base.values()) tensor.dispose();
    this.base.clear();
  }

  private check(
    level: string,
    state: StateDict,
    shapesBy: (shapeOf: ShapeOf) => ReadonlyMap<string, readonly number[] | undefined>,
  ): void {
    const shapes = shapesBy((name) => {
      const own = this.parametersByName.get(name);
      return own?.role === 'fixed' ? undefined : own?.shape;
    });
    for (const [name, { shape }] of state) {
      const wanted = shapes.get(name);
      if (String(wanted) === String(shape)) continue;
      fail('E_ADAPTOR_SHAPE', {
        where: `adaptor ${level}: ${name}`,
        expected: wanted ? `shape [${wanted}]` : 'a tensor that the network has, and that may change',
        got: `shape [${shape}]`,
        todo: 'Load the adaptor on the network that it was trained for.',
      });
    }
  }

  private hold(level: string, resident: Resident): void {
    if (this.adaptors.has(level)) this.remove(level);
    for (const name of resident.changes) {
      if (!this.base.has(name)) this.base.set(name, this.parametersByName.get(name)!.variable.clone());
    }
    this.adaptors.set(level, resident);
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
      const tensors = adaptor?.tensors((name) => this.base.get(name)!);
      for (const [name, base] of this.base) {
        pointAt(this.parametersByName.get(name)!.variable, tensors?.get(name) ?? base);
      }
    });
  }
}

function pointAt(variable: tf.Variable, value: tf.Tensor): void {
  if (variable.dataId !== value.dataId) variable.assign(value);
}
