import { AdaptorBank } from '../adaptor/bank.js';
import { changingNames, SMALL } from '../adaptor/changing.js';
import type { AdaptorConfig } from '../adaptor/config.js';
import type { Adaptor } from '../adaptor/file.js';
import { fail } from '../common/errors.js';
import { nativeBackend } from '../engine/native.js';
import { createPredictor, type Predictor } from '../eval/predictor.js';
import type { Pixels } from '../image/pixels.js';
import type { CheckpointConfig } from '../models/checkpoint-config.js';
import type { Network, NetworkConfig } from '../models/network.js';
import { segmentation, type Task } from '../models/task.js';
import type { Neighbours } from './between.js';

/**
 * Most multiplications of a frame, roughly, that is run with frames of other levels. What a batch of several levels saves is the start of a
 * run for each; its normalizations cost more than those of one level, the more the larger the frame.
 */
const MIX_WORK = 12e9;

/** What answers frames: one adaptor (null: the base), a blend of two, or a list with one adaptor for each frame. */
export type Choice = string | null | Neighbours | readonly (string | null)[];

/** Answers of frames that ran together. */
export interface Pass {
  /** Class ids of each frame, `height * width`. */
  masks: Uint8Array[];
  /** Milliseconds. */
  swap: number;
  forward: number;
}

/**
 * A network and its adaptors in memory, and the graphs that answer frames with them: one for frames of one level, whatever their size
 * and number, and, from the first batch of several levels on, one for those.
 */
export class AdaptedNetwork {
  private readonly bank: AdaptorBank;
  private readonly adaptors = new Map<string, AdaptorConfig>();
  private readonly task: Task;
  private predictor: Predictor | undefined;
  /** Names of the tensors that the predictor reads anew for every run. */
  private changing = new Set<string>();
  private mixing: { predictor: Predictor; items: number } | undefined;

  /**
   * @param network the base, which is this object's from now on
   * @param seats frames of a batch of several levels at most
   */
  constructor(
    private readonly network: Network,
    { preprocessing, ignore }: Pick<CheckpointConfig, 'preprocessing' | 'ignore'>,
    readonly seats: number,
  ) {
    this.bank = new AdaptorBank(network);
    this.task = segmentation(preprocessing, ignore);
  }

  get config(): NetworkConfig {
    return this.network.config;
  }

  get levels(): string[] {
    return this.bank.levels;
  }

  /** Values of the base, and of each adaptor. */
  get parameters(): { base: number; adaptors: { level: string; parameters: number }[] } {
    return {
      base: this.network.state.reduce((sum, tensor) => sum + tensor.parameters, 0),
      adaptors: [...this.adaptors].map(([level, { parameters }]) => ({ level, parameters })),
    };
  }

  /**
   * Whether a batch of frames of so many pixels may have several levels. Then each sample has its own normalizations and small convolutions;
   * a large convolution would run sample by sample, which is what such a batch is to avoid. Other engines than tensorflow gain nothing by it.
   */
  mixes(pixels: number): boolean {
    const { items } = this.bank;
    const isSmall = this.network.state.every(({ name, parameters }) => parameters <= SMALL || !items.has(name));
    const work = (this.parameters.base * pixels) / this.network.stride ** 2;
    return this.seats > 1 && work <= MIX_WORK && isSmall && nativeBackend() !== undefined;
  }

  /** Makes the graphs that frames of so many pixels are answered with; else the first frames wait for them. */
  warmUp(pixels: number): void {
    const side = this.network.stride;
    const frame: Pixels = { data: new Uint8Array(side * side * 3), width: side, height: side, channels: 3 };
    this.run([frame], null);
    if (this.levels.length > 0 && this.mixes(pixels)) this.run([frame, frame], [null, this.levels[0]!]);
  }

  /** Makes an adaptor resident, in the place of one of its level. @throws E_ADAPTOR_SHAPE; nothing is changed then */
  add(adaptor: Adaptor): void {
    const { level } = adaptor.config;
    this.bank.add(level, adaptor.state);
    this.adaptors.set(level, adaptor.config);
    const isFed = [...adaptor.state.keys()].every((name) => this.changing.has(name));
    // The next frames make graphs into which these tensors are fed as well.
    if (!isFed) this.forgetGraphs();
  }

  /** Lets an adaptor go. @throws E_ADAPTOR_LEVEL where there is none of that level */
  remove(level: string): void {
    if (!this.adaptors.delete(level)) {
      fail('E_ADAPTOR_LEVEL', {
        where: 'adaptors',
        expected: `a resident level (${this.levels.join(', ') || 'none is loaded'})`,
        got: `"${level}"`,
      });
    }
    this.bank.remove(level);
  }

  /** Whether two levels' adaptors hold the same items, so that they can be blended. */
  blends({ levels: [a, b] }: Neighbours): boolean {
    const [first, second] = [a, b].map((level) => tensorsOf(this.adaptors.get(level)!)) as [string[], string[]];
    return first.length === second.length && first.every((name) => second.includes(name));
  }

  /**
   * Answers frames of one size in one run.
   *
   * @param choice a list has a level for each frame, and needs that {@link mixes} says yes
   */
  run(frames: readonly Pixels[], choice: Choice): Pass {
    const { width, height } = frames[0]!;
    const isMixed = Array.isArray(choice);
    const predictor = isMixed ? this.readyMixed() : this.ready();
    const start = performance.now();
    if (choice === null || typeof choice === 'string') this.swap(choice);
    else if ('share' in choice) this.bank.blend(choice.levels[0], choice.levels[1], choice.share);
    else this.bank.seat(choice);
    const swapped = performance.now();
    const images = frames.length === 1 ? frames[0]!.data : Buffer.concat(frames.map(({ data }) => data));
    const masks = predictor.predict({ images, batch: frames.length, width, height });
    const forward = performance.now() - swapped;
    const area = width * height;
    return {
      masks: frames.map((_, i) => masks.subarray(i * area, (i + 1) * area)),
      swap: swapped - start,
      forward,
    };
  }

  /** Makes one adaptor active, as {@link run} does by itself. @throws E_ADAPTOR_LEVEL; nothing is changed then */
  swap(level: string | null): void {
    this.bank.swap(level);
  }

  dispose(): void {
    this.forgetGraphs();
    this.bank.dispose();
    this.network.dispose();
  }

  private forgetGraphs(): void {
    this.predictor?.dispose();
    this.mixing?.predictor.dispose();
    this.predictor = this.mixing = undefined;
  }

  private ready(): Predictor {
    if (this.predictor) return this.predictor;
    this.changing = changingNames(this.network, [...this.adaptors.values()].flatMap(tensorsOf));
    // What is frozen is the base's.
    this.bank.swap(null);
    this.predictor = createPredictor(this.network, this.task, { changing: this.changing });
    return this.predictor;
  }

  private readyMixed(): Predictor {
    const { size } = this.bank.items;
    // An adaptor that came later may bring items that have no seats in the graph.
    if (this.mixing?.items !== size) {
      this.mixing?.predictor.dispose();
      this.ready();
      this.bank.swap(null);
      const seats = this.bank.makeSeats(this.seats);
      const predictor = createPredictor(this.network, this.task, { changing: this.changing, seats });
      this.mixing = { predictor, items: size };
    }
    return this.mixing.predictor;
  }
}

function tensorsOf({ items }: AdaptorConfig): string[] {
  return items.flatMap(({ tensors }) => tensors);
}
