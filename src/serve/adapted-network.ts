import { AdaptorBank } from '../adaptor/bank.js';
import { changingNames } from '../adaptor/changing.js';
import type { Adaptor } from '../adaptor/file.js';
import type { AdaptorConfig } from '../adaptor/kinds/registry.js';
import { changedBy } from '../adaptor/merge.js';
import { fail } from '../common/errors.js';
import type { ScoredBoxes } from '../detect/scored-boxes.js';
import type { HeadName } from '../detect/heads/names.js';
import { createPredictor, type Predictor } from '../eval/predictor.js';
import { finishRuns, type Watch } from '../eval/runs.js';
import { cutOf, type TileChoice } from '../eval/tile-memory.js';
import type { Pixels } from '../image/pixels.js';
import type { CheckpointConfig } from '../models/checkpoint-config.js';
import type { Network, NetworkConfig } from '../models/network.js';
import { taskOf } from '../tasks/registry.js';
import type { PackedArray, Task } from '../tasks/task.js';
import { type Answer, answerOf } from './answer.js';

/** Answers of frames that ran together. */
export interface Pass {
  /** Of each frame. */
  answers: Answer[];
  /** Milliseconds. */
  swap: number;
  forward: number;
}

/**
 * A network and its adaptors in memory, and the graph that answers frames with them, whatever their level, size and number. A run answers
 * frames of one level: so it does not matter of which layers the network is made.
 */
export class AdaptedNetwork {
  private readonly bank: AdaptorBank;
  private readonly adaptors = new Map<string, AdaptorConfig>();
  /** Levels at which the base answers, as no adaptor is better there. */
  private readonly bases = new Set<string>();
  private readonly task: Task;
  private predictor: Predictor<unknown> | undefined;
  /** Names of the tensors that the predictor reads anew for every run. */
  private changing = new Set<string>();

  /**
   * @param network the base, which is this object's from now on
   * @param tile how large frames are cut. Default: `auto`
   * @throws E_USAGE for a bound or sizes that do not fit the network, which is disposed then
   */
  constructor(
    private readonly network: Network,
    config: Pick<CheckpointConfig, 'task' | 'ignore'>,
    private readonly tile: TileChoice = 'auto',
  ) {
    try {
      cutOf(network, tile);
    } catch (error) {
      network.dispose();
      throw error;
    }
    this.bank = new AdaptorBank(network);
    this.task = taskOf(config);
  }

  get config(): NetworkConfig {
    return this.network.spec;
  }

  /** Those of resident adaptors, and those of which it is known that the base answers. */
  get levels(): string[] {
    return [...this.bank.levels, ...this.bases];
  }

  /** Whether an adaptor answers frames of a level. */
  hasAdaptor(level: string): boolean {
    return this.adaptors.has(level);
  }

  /** What answers hold. */
  get outputs(): readonly PackedArray[] {
    return this.task.packs(this.network);
  }

  /** Kind of the detector, where its boxes are read. */
  get head(): HeadName | undefined {
    return this.network.head?.kind;
  }

  /** The boxes in an answer, in pixels of its picture; undefined where the network finds none. */
  detect({ outputs }: Answer, picture: Pixels): ScoredBoxes | undefined {
    return this.network.detect?.(outputs, picture);
  }

  /** Values of the base and of each adaptor's file, and those that all adaptors hold in memory together. */
  get parameters(): { base: number; adaptors: { level: string; parameters: number }[]; resident: number } {
    return {
      resident: this.bank.parameters,
      base: this.network.parameters.reduce((sum, { size }) => sum + size, 0),
      adaptors: [
        ...[...this.adaptors].map(([level, { parameters }]) => ({ level, parameters })),
        ...[...this.bases].map((level) => ({ level, parameters: 0 })),
      ],
    };
  }

  /** Makes the graph that frames are answered with; else the first frames wait for it. */
  warmUp(): void {
    const side = this.network.input.stride;
    const predictor = this.ready();
    this.swap(null);
    predictor.predict({ images: new Uint8Array(side * side * 3), batch: 1, width: side, height: side });
  }

  /**
   * Makes an adaptor resident, in the place of one of its level.
   *
   * @param share how far it goes from the base to the adaptor; a frame takes as long whatever it is
   * @throws E_ADAPTOR_SHAPE; nothing is changed then
   */
  add(adaptor: Adaptor, share = 1): void {
    const { level } = adaptor.config;
    this.bank.addAdaptor(adaptor, share);
    this.adaptors.set(level, adaptor.config);
    this.bases.delete(level);
    const isFed = changedBy(adaptor.config).every((name) => this.changing.has(name));
    // The next frames make a graph into which these tensors are fed as well.
    if (!isFed) this.forgetGraph();
  }

  /** Has the base answer frames of a level, in the place of an adaptor of that level. */
  addBase(level: string): void {
    if (this.adaptors.delete(level)) this.bank.remove(level);
    this.bases.add(level);
  }

  /** Lets an adaptor go, or a level of the base's. @throws E_ADAPTOR_LEVEL where there is none of that level */
  remove(level: string): void {
    if (this.bases.delete(level)) return;
    if (!this.adaptors.delete(level)) {
      fail('E_ADAPTOR_LEVEL', {
        where: 'adaptors',
        expected: `a resident level (${this.levels.join(', ') || 'none is loaded'})`,
        got: `"${level}"`,
      });
    }
    this.bank.remove(level);
  }

  /**
   * Answers frames of one size with one adaptor. A large frame takes several runs, between which others have a turn: the same adaptor is
   * made active for each of them.
   *
   * @param level null for the base
   * @throws E_ADAPTOR_LEVEL, also where an adaptor is let go while its frame is answered; the reason of `watch.signal`
   */
  async run(frames: readonly Pixels[], level: string | null, watch: Watch = {}): Promise<Pass> {
    const { width, height } = frames[0]!;
    const predictor = this.ready();
    const images = frames.length === 1 ? frames[0]!.data : Buffer.concat(frames.map(({ data }) => data));
    const start = performance.now();
    let swap = 0;
    const answers = await finishRuns(predictor.predictInRuns({ images, batch: frames.length, width, height }), {
      ...watch,
      beforeRun: () => {
        if (this.predictor !== predictor) endedMidway();
        const begun = performance.now();
        this.swap(level);
        swap += performance.now() - begun;
      },
    });
    return {
      answers: answers.map((answer) => answerOf(this.task, answer)),
      swap,
      forward: performance.now() - start - swap,
    };
  }

  /** Makes one adaptor active, as {@link run} does by itself. @throws E_ADAPTOR_LEVEL; nothing is changed then */
  swap(level: string | null): void {
    this.bank.swap(level !== null && this.bases.has(level) ? null : level);
  }

  dispose(): void {
    this.forgetGraph();
    this.bank.dispose();
    this.network.dispose();
  }

  private forgetGraph(): void {
    this.predictor?.dispose();
    this.predictor = undefined;
  }

  private ready(): Predictor<unknown> {
    if (this.predictor) return this.predictor;
    this.changing = changingNames(this.network, [...this.adaptors.values()].flatMap(changedBy));
    // What is frozen is the base's.
    this.bank.swap(null);
    this.predictor = createPredictor(this.network, this.task, { changing: this.changing, tile: this.tile });
    return this.predictor;
  }
}

function endedMidway(): never {
  fail('E_ADAPTOR_LEVEL', {
    where: 'adaptors',
    expected: 'a network that stays as it is until a frame is answered',
    got: 'one that was disposed, or whose graph was made anew for an adaptor, in the middle of a large frame',
    todo: 'Wait for answers before changing what is loaded.',
  });
}
