import { basename, resolve } from 'node:path';
import { AdaptorBank } from '../adaptor/bank.js';
import { changingNames } from '../adaptor/changing.js';
import { type Adaptor, loadAdaptor } from '../adaptor/file.js';
import { listAdaptors } from '../adaptor/list.js';
import { fail } from '../common/errors.js';
import type { BrightnessReference } from '../distort/detect/brightness.js';
import type { Size } from '../distort/detect/resolution.js';
import { type Observations, StreamDetector } from '../distort/detect/stream.js';
import { CLEAN } from '../distort/level.js';
import { startEngine, runningEngine } from '../engine/start.js';
import { createPredictor, type Predictor } from '../eval/predictor.js';
import { decodeImage } from '../image/decode.js';
import type { Pixels } from '../image/pixels.js';
import { type Checkpoint, loadCheckpoint, networkOf } from '../models/checkpoint.js';
import { trainedSize } from '../models/checkpoint-config.js';
import type { Network } from '../models/network.js';
import { segmentation } from '../models/task.js';
import { type Neighbours, neighboursOf } from './between.js';
import type { Frame, Inference, InferOptions, ModelDescription } from './inference.js';
import { type LevelChange, LevelTracker, type TrackedLevel } from './tracker.js';

/** Streams that are remembered; the one that was silent longest is forgotten first. */
const STREAMS = 1024;
const BYTES_PER_VALUE = 4;

export interface RunnerOptions {
  /** Folder of the base. */
  checkpoint: string;
  /** Folder of adaptors, `ADAPTORS/LEVEL/`; the base alone without. */
  adaptors?: string;
  /** What a frame between two levels gets: the nearer adaptor, or the two mixed. `nearest` unless said. */
  between?: 'nearest' | 'interpolate';
  /** Size of an undistorted frame, which resolutions are compared with. */
  size?: Size;
  /** What undistorted frames of every stream look like: brightness is read against it. */
  reference?: BrightnessReference;
  /** Takes so many first frames of each stream as its reference instead. */
  calibrate?: number;
}

/** One frame to infer. */
export interface InferRequest {
  frame: Frame;
  options?: InferOptions;
}

interface Stream {
  detector: StreamDetector;
  tracker: LevelTracker;
}

/** A frame whose level is known. */
interface Ready {
  pixels: Pixels;
  tracked: TrackedLevel;
  between: Neighbours | undefined;
  decode: number;
  detect: number;
}

/**
 * One network in memory that answers every frame with the adaptor of the frame's own level. All adaptors are resident; which one
 * answers is which tensors are fed with the frame, so any frame can be next.
 *
 * A level is found, swapped in and answered without anything else running between, so calls may overlap.
 */
export class AdaptiveRunner {
  private readonly network: Network;
  private readonly bank: AdaptorBank;
  private readonly adaptors = new Map<string, Adaptor>();
  /** In the order in which they were last heard of. */
  private readonly streams = new Map<string, Stream>();
  private predictor: Predictor | undefined;
  /** Names of the tensors that the predictor reads anew for every frame. */
  private changing = new Set<string>();

  private constructor(
    private readonly checkpoint: Checkpoint,
    private readonly options: RunnerOptions,
  ) {
    this.network = networkOf(checkpoint);
    this.bank = new AdaptorBank(this.network);
  }

  /**
   * Loads a base and its adaptors. Starts the default engine where none runs yet.
   *
   * @throws E_CHECKPOINT, E_ADAPTOR, E_ADAPTOR_BASE_MISMATCH, E_ADAPTOR_CLASSES, E_ADAPTOR_SHAPE; nothing is left loaded then
   */
  static async load(options: RunnerOptions): Promise<AdaptiveRunner> {
    if (!runningEngine()) await startEngine();
    const runner = new AdaptiveRunner(await loadCheckpoint(options.checkpoint), options);
    try {
      const folders = options.adaptors === undefined ? [] : await listAdaptors(options.adaptors);
      for (const { folder } of folders) await runner.add(folder);
      return runner;
    } catch (error) {
      runner.dispose();
      throw error;
    }
  }

  /** Levels of the resident adaptors. */
  get levels(): string[] {
    return this.bank.levels;
  }

  /**
   * Answers one frame.
   *
   * @throws E_IMAGE_DECODE for bytes that are no image, E_SHAPE for pixels of another length than their sizes say,
   *   E_DISTORT_LEVEL for a level that is none, E_ADAPTOR_LEVEL for one that no adaptor is near
   */
  async infer(frame: Frame, options: InferOptions = {}): Promise<Inference> {
    const [answer] = await this.inferBatch([{ frame, options }]);
    if (answer instanceof Error) throw answer;
    return answer!;
  }

  /**
   * Answers several frames, those of one size and level in one run of the network; frames of one stream count as they come in
   * the list.
   *
   * @returns an answer or an error for each, in their order
   */
  async inferBatch(requests: readonly InferRequest[]): Promise<(Inference | Error)[]> {
    const decoded = await Promise.all(requests.map(({ frame }) => settle(() => decode(frame))));
    // From here on nothing else runs between.
    const ready = decoded.map((one, i) => (one instanceof Error ? one : this.track(one, requests[i]!)));
    const answers: (Inference | Error)[] = ready.map((one) => (one instanceof Error ? one : new Error('unanswered')));
    for (const group of groupsOf(ready)) {
      const frames = group.map((i) => ready[i] as Ready);
      const made = attempt(() => this.run(frames));
      group.forEach((i, k) => (answers[i] = made instanceof Error ? made : made[k]!));
    }
    return answers;
  }

  /**
   * Makes an adaptor resident, in the place of one of its level.
   *
   * @returns its level
   * @throws E_ADAPTOR, E_ADAPTOR_BASE_MISMATCH, E_ADAPTOR_CLASSES, E_ADAPTOR_SHAPE; nothing is changed then
   */
  async add(folder: string): Promise<string> {
    const adaptor = await loadAdaptor(folder, this.checkpoint);
    const { level } = adaptor.config;
    this.bank.add(level, adaptor.state);
    this.adaptors.set(level, adaptor);
    for (const { tracker } of this.streams.values()) tracker.add(level);
    const isFed = [...adaptor.state.keys()].every((name) => this.changing.has(name));
    if (!isFed) {
      // The next frame makes a graph into which these tensors are fed as well.
      this.predictor?.dispose();
      this.predictor = undefined;
    }
    return level;
  }

  /** Lets an adaptor go; streams at its level go to the nearest other one. @throws E_ADAPTOR_LEVEL where there is none */
  remove(level: string): void {
    if (!this.adaptors.delete(level)) {
      fail('E_ADAPTOR_LEVEL', {
        where: 'adaptors',
        expected: `a resident level (${this.levels.join(', ') || 'none is loaded'})`,
        got: `"${level}"`,
      });
    }
    this.bank.remove(level);
    for (const { tracker } of this.streams.values()) tracker.remove(level);
  }

  /** Sets the level of all frames of a stream to come; null lets the frames show it again. @throws E_DISTORT_LEVEL, E_ADAPTOR_LEVEL */
  state(stream: string, level: string | null): void {
    this.streamOf(stream).tracker.state(level);
  }

  /** Changes of a stream's level, the oldest first. */
  log(stream: string): readonly LevelChange[] {
    return this.streams.get(stream)?.tracker.log ?? [];
  }

  /** Forgets a stream that ended. */
  forget(stream: string): void {
    this.streams.delete(stream);
  }

  describe(): ModelDescription {
    const { config } = this.checkpoint;
    const { name, version, precision, threads } = runningEngine()!;
    const parameters = this.network.state.reduce((sum, tensor) => sum + tensor.parameters, 0);
    return {
      name: basename(resolve(this.checkpoint.folder)),
      network: this.network.config.name,
      width: this.network.config.width,
      trained: trainedSize(config),
      classes: config.classes,
      adaptors: [...this.adaptors].map(([level, adaptor]) => ({ level, parameters: adaptor.config.parameters })),
      parameters,
      engine: { name, version, precision, threads },
      residentBytes: { base: parameters * BYTES_PER_VALUE, adaptors: this.bank.parameters * BYTES_PER_VALUE },
    };
  }

  /** Frees the network, all adaptors and graphs. */
  dispose(): void {
    this.predictor?.dispose();
    this.bank.dispose();
    this.network.dispose();
  }

  /** What a frame shows, and the level that follows. */
  private track({ pixels, bytes, decode }: Decoded, { options = {} }: InferRequest): Ready | Error {
    return attempt(() => {
      const start = performance.now();
      const { detector, tracker } = options.stream === undefined ? this.makeStream() : this.streamOf(options.stream);
      const seen: Observations = options.level === undefined ? detector.detect({ bytes, pixels }) : {};
      const tracked = tracker.next(seen, options.level);
      const between =
        this.options.between === 'interpolate' ? neighboursOf(this.levels, tracked, this.options.size) : undefined;
      return { pixels, tracked, between, decode, detect: performance.now() - start };
    });
  }

  /** Frames of one size and level. */
  private run(frames: readonly Ready[]): Inference[] {
    const [{ pixels, tracked, between }] = frames as [Ready];
    const { width, height } = pixels;
    const predictor = this.ready();
    const start = performance.now();
    const isMixed = between !== undefined && this.bank.blend(between.levels[0], between.levels[1], between.share);
    if (!isMixed) this.bank.swap(tracked.level);
    const swapped = performance.now();
    const area = width * height;
    const images = frames.length === 1 ? pixels.data : Buffer.concat(frames.map((frame) => frame.pixels.data));
    const masks = predictor.predict({ images, batch: frames.length, width, height });
    const timings = { swap: swapped - start, forward: performance.now() - swapped };
    return frames.map(({ tracked, decode, detect }, i) => ({
      mask: masks.subarray(i * area, (i + 1) * area),
      width,
      height,
      level: tracked.level ?? CLEAN.text,
      ...(isMixed && { mixed: between }),
      confidence: tracked.confidence,
      source: tracked.how,
      seen: tracked.known,
      timings: { decode, detect, ...timings },
    }));
  }

  private ready(): Predictor {
    if (this.predictor) return this.predictor;
    const { preprocessing, ignore } = this.checkpoint.config;
    this.changing = changingNames(
      this.network,
      [...this.adaptors.values()].map(({ state }) => state),
    );
    // What is frozen is the base's.
    this.bank.swap(null);
    this.predictor = createPredictor(this.network, segmentation(preprocessing, ignore), { changing: this.changing });
    return this.predictor;
  }

  private makeStream(): Stream {
    const { size, reference, calibrate } = this.options;
    return {
      detector: new StreamDetector({ size, reference, calibrate }),
      tracker: new LevelTracker({ levels: this.levels, size }),
    };
  }

  private streamOf(name: string): Stream {
    const stream = this.streams.get(name) ?? this.makeStream();
    this.streams.delete(name);
    this.streams.set(name, stream);
    if (this.streams.size > STREAMS) this.streams.delete(this.streams.keys().next().value!);
    return stream;
  }
}

interface Decoded {
  pixels: Pixels;
  /** The file, where it was one. */
  bytes?: Uint8Array;
  /** Milliseconds. */
  decode: number;
}

async function decode(frame: Frame): Promise<Decoded> {
  const start = performance.now();
  if (frame instanceof Uint8Array) {
    const pixels = await decodeImage(frame, 'frame');
    return { pixels, bytes: frame, decode: performance.now() - start };
  }
  const { data, width, height, channels } = frame;
  if (channels !== 3 || data.length !== width * height * 3 || data.length === 0) {
    fail('E_SHAPE', {
      where: 'frame',
      expected: `${height} x ${width} x 3 bytes, row by row`,
      got: `${data.length} bytes with ${channels} channels`,
    });
  }
  return { pixels: frame, decode: 0 };
}

/** Positions of the frames that one run can answer. */
function groupsOf(frames: readonly (Ready | Error)[]): number[][] {
  const groups = new Map<string, number[]>();
  frames.forEach((frame, i) => {
    if (frame instanceof Error) return;
    const { pixels, tracked, between } = frame;
    const key = `${pixels.width} ${pixels.height} ${tracked.level} ${between ? JSON.stringify(between) : ''}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  return [...groups.values()];
}

async function settle<T>(run: () => Promise<T>): Promise<T | Error> {
  try {
    return await run();
  } catch (error) {
    return asError(error);
  }
}

function attempt<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return asError(error);
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
