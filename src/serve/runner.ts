import { basename, resolve } from 'node:path';
import { loadAdaptor } from '../adaptor/file.js';
import { listAdaptors } from '../adaptor/list.js';
import { attempt, settle } from '../common/outcome.js';
import type { BrightnessReference } from '../distort/detect/brightness.js';
import type { Size } from '../distort/detect/resolution.js';
import { type Observations, StreamDetector } from '../distort/detect/stream.js';
import { CLEAN } from '../distort/level.js';
import { startEngine, runningEngine } from '../engine/start.js';
import { type CheckpointOutline, loadCheckpoint, networkOf, outlineOf } from '../models/checkpoint.js';
import { trainedSize } from '../models/checkpoint-config.js';
import { AdaptedNetwork, type Choice } from './adapted-network.js';
import { neighboursOf } from './between.js';
import { decodeFrame, type Decoded } from './frame.js';
import type { Frame, FrameRequest, Inference, InferOptions, ModelDescription } from './inference.js';
import { type Ready, runsOf } from './runs.js';
import { type LevelChange, LevelTracker } from './tracker.js';

/** Streams that are remembered; the one that was silent longest is forgotten first. */
const STREAMS = 1024;
const BYTES_PER_VALUE = 4;
/** Frames of a batch of several levels, unless said. */
const SEATS = 4;

export interface RunnerOptions {
  /** Folder of the base. */
  checkpoint: string;
  /** Folder of adaptors, `ADAPTORS/LEVEL/`; the base alone without. */
  adaptors?: string;
  /** What a frame between two levels gets: the nearer adaptor, or the two mixed. `nearest` unless said. */
  between?: 'nearest' | 'interpolate';
  /**
   * Frames of several levels that run as one batch at most, each with its own adaptor, where the adaptors' items allow it; 1 runs each
   * level by itself. The first such batch makes a second graph. 4 unless said.
   */
  mix?: number;
  /** Size of an undistorted frame, which resolutions are compared with. */
  size?: Size;
  /** What undistorted frames of every stream look like: brightness is read against it. */
  reference?: BrightnessReference;
  /** Takes so many first frames of each stream as its reference instead. */
  calibrate?: number;
}

interface Stream {
  detector: StreamDetector;
  tracker: LevelTracker;
}

/**
 * One network in memory that answers every frame with the adaptor of the frame's own level. All adaptors are resident; which one
 * answers is which tensors are fed with the frame, so any frame can be next.
 *
 * A level is found, swapped in and answered without anything else running between, so calls may overlap.
 */
export class AdaptiveRunner {
  /** In the order in which they were last heard of. */
  private readonly streams = new Map<string, Stream>();

  private constructor(
    private readonly network: AdaptedNetwork,
    private readonly base: CheckpointOutline,
    private readonly options: RunnerOptions,
  ) {}

  /**
   * Loads a base and its adaptors. Starts the default engine where none runs yet.
   *
   * @throws E_CHECKPOINT, E_ADAPTOR, E_ADAPTOR_BASE_MISMATCH, E_ADAPTOR_CLASSES, E_ADAPTOR_SHAPE; nothing is left loaded then
   */
  static async load(options: RunnerOptions): Promise<AdaptiveRunner> {
    if (!runningEngine()) await startEngine();
    const checkpoint = await loadCheckpoint(options.checkpoint);
    // Values are kept where they are computed with, and nowhere else: the files' own go when this call ends.
    const base = outlineOf(checkpoint);
    const network = new AdaptedNetwork(networkOf(checkpoint), base.config, options.mix ?? SEATS);
    const runner = new AdaptiveRunner(network, base, options);
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
    return this.network.levels;
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
   * Answers several frames, those of one size in as few runs of the network as can be; frames of one stream count as they come in
   * the list.
   *
   * @returns an answer or an error for each, in their order
   */
  async inferBatch(requests: readonly FrameRequest[]): Promise<(Inference | Error)[]> {
    const decoded = await Promise.all(requests.map(({ frame }) => settle(() => decodeFrame(frame))));
    // From here on nothing else runs between.
    const ready = decoded.map((one, i) => this.inSequence(one, requests[i]!));
    const answers: (Inference | Error)[] = ready.map((one) => (one instanceof Error ? one : new Error('unanswered')));
    for (const { frames, choice } of runsOf(ready, this.network)) {
      const group = frames.map((i) => ready[i] as Ready);
      const made = attempt(() => this.run(group, choice));
      frames.forEach((i, k) => (answers[i] = made instanceof Error ? made : made[k]!));
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
    const adaptor = await loadAdaptor(folder, this.base);
    const { level } = adaptor.config;
    this.network.add(adaptor);
    for (const { tracker } of this.streams.values()) tracker.add(level);
    return level;
  }

  /** Lets an adaptor go; streams at its level go to the nearest other one. @throws E_ADAPTOR_LEVEL where there is none */
  remove(level: string): void {
    this.network.remove(level);
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
    const { config } = this.base;
    const { name, version, precision, threads } = runningEngine()!;
    const { base, adaptors } = this.network.parameters;
    const values = adaptors.reduce((sum, { parameters }) => sum + parameters, 0);
    return {
      name: basename(resolve(this.base.folder)),
      network: this.network.config.name,
      width: this.network.config.width,
      trained: trainedSize(config),
      classes: config.classes,
      adaptors,
      parameters: base,
      engine: { name, version, precision, threads },
      residentBytes: { base: base * BYTES_PER_VALUE, adaptors: values * BYTES_PER_VALUE },
    };
  }

  /**
   * Makes the graphs that frames are answered with, for which the first frames would have to wait otherwise.
   *
   * @param size of the frames to come, as far as it is known; whether several levels run as one batch depends on it
   */
  warmUp(size: Size = { width: 256, height: 256 }): void {
    this.network.warmUp(size.width * size.height);
  }

  /** Frees the network, all adaptors and graphs. */
  dispose(): void {
    this.network.dispose();
  }

  /** A frame in its place in its stream, which it may begin or end. */
  private inSequence(decoded: Decoded | Error, request: FrameRequest): Ready | Error {
    const { stream, start = false, end = false } = request.options ?? {};
    if (stream !== undefined && start) this.forget(stream);
    const ready = decoded instanceof Error ? decoded : this.track(decoded, request);
    if (stream !== undefined && end) this.forget(stream);
    return ready;
  }

  /** What a frame shows, and the level that follows. */
  private track({ pixels, stored, bytes, decode }: Decoded, { options = {} }: FrameRequest): Ready | Error {
    return attempt(() => {
      const start = performance.now();
      const { detector, tracker } = options.stream === undefined ? this.makeStream() : this.streamOf(options.stream);
      const seen: Observations =
        options.level === undefined ? detector.detect({ bytes, pixels: stored, upright: pixels }) : {};
      const tracked = tracker.next(seen, options.level);
      const between =
        this.options.between === 'interpolate' ? neighboursOf(this.levels, tracked, this.options.size) : undefined;
      return { pixels, tracked, between, decode, detect: performance.now() - start };
    });
  }

  /** Frames that run together. */
  private run(frames: readonly Ready[], choice: Choice): Inference[] {
    const { masks, swap, forward } = this.network.run(
      frames.map(({ pixels }) => pixels),
      choice,
    );
    const { width, height } = frames[0]!.pixels;
    const mixed = choice !== null && typeof choice === 'object' && 'share' in choice ? choice : undefined;
    return frames.map(({ tracked, decode, detect }, i) => ({
      mask: masks[i]!,
      width,
      height,
      level: tracked.level ?? CLEAN.text,
      ...(mixed && { mixed }),
      confidence: tracked.confidence,
      source: tracked.how,
      seen: tracked.known,
      timings: { decode, detect, swap, forward },
    }));
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
