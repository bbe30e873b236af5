import { type Served, Serving } from '../adaptor/serving.js';
import { attempt, settle } from '../common/outcome.js';
import { Turns } from '../common/turns.js';
import type { Observations } from '../distort/detect/stream.js';
import { startEngine, runningEngine } from '../engine/start.js';
import type { Watch } from '../eval/runs.js';
import type { Pixels } from '../image/pixels.js';
import { type CheckpointOutline, loadCheckpoint, networkOf, outlineOf } from '../models/checkpoint.js';
import { addAdaptors } from './add-adaptors.js';
import { AnsweredBy } from './answered-by.js';
import { type Answer, foundBoxes, foundObjects, topClasses } from './answer.js';
import { AdaptedNetwork } from './adapted-network.js';
import { describeModel } from './describe-model.js';
import { decodeFrame, type Decoded } from './frame.js';
import type { Frame, FrameRequest, Inference, InferOptions, ModelDescription } from './inference.js';
import type { RunnerOptions } from './runner-options.js';
import { type Ready, runsOf } from './runs.js';
import { Streams } from './streams.js';
import type { LevelChange } from './tracker.js';

export type { RunnerOptions } from './runner-options.js';

/**
 * One network in memory that answers every frame with the adaptor of the frame's own level. All adaptors are resident; which one
 * answers is which tensors are fed with the frame, so any frame can be next.
 *
 * Frames are answered one after the other, each with its own adaptor from its first tile to its last, so calls may overlap.
 */
export class AdaptiveRunner {
  private readonly streams: Streams;
  /** Nothing else runs or changes the network between the tiles of a large frame. */
  private readonly turns = new Turns();
  private readonly answering: AnsweredBy;
  /** Levels that have no adaptor, and at which the folder's calibration has the base answer. */
  private bases: readonly string[] = [];

  private constructor(
    private readonly network: AdaptedNetwork,
    private readonly base: CheckpointOutline,
    private readonly options: RunnerOptions,
  ) {
    this.streams = new Streams(options, () => this.levels);
    this.answering = new AnsweredBy(base.hash);
  }

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
    const network = new AdaptedNetwork(networkOf(checkpoint), base.config, options.tile);
    const runner = new AdaptiveRunner(network, base, options);
    try {
      await runner.addAll();
      return runner;
    } catch (error) {
      runner.dispose();
      throw error;
    }
  }

  /** Levels of the resident adaptors, and those at which the base is known to be better. */
  get levels(): string[] {
    return this.network.levels;
  }

  /**
   * Answers one frame.
   *
   * @throws E_IMAGE_DECODE for bytes that are no image, E_SHAPE for pixels of another length than their sizes say,
   *   E_DISTORT_LEVEL for a level that is none, E_ADAPTOR_LEVEL for one that no adaptor is near, E_INFER_PIXELS; the signal's reason
   */
  async infer(frame: Frame, options: InferOptions = {}, watch: Watch = {}): Promise<Inference> {
    const [answer] = await this.inferBatch([{ frame, options }], watch);
    if (answer instanceof Error) throw answer;
    return answer!;
  }

  /**
   * Answers several frames, those of one size and level in one run of the network; frames of one stream count as they come in
   * the list.
   *
   * @param watch hears of each tile of large frames, and can end them between two
   * @returns an answer or an error for each, in their order
   */
  async inferBatch(requests: readonly FrameRequest[], watch: Watch = {}): Promise<(Inference | Error)[]> {
    const decoding = requests.map(({ frame }) => settle(() => decodeFrame(frame, this.options.maxPixels)));
    const decoded = await Promise.all(decoding);
    // Levels are found without anything else running between.
    const ready = decoded.map((one, i) => this.inSequence(one, requests[i]!));
    const answers: (Inference | Error)[] = ready.map((one) => (one instanceof Error ? one : new Error('unanswered')));
    await this.turns.take(async () => {
      for (const { frames, level } of runsOf(ready)) {
        const group = frames.map((i) => ready[i] as Ready);
        const made = await settle(() => this.run(group, level, watch));
        frames.forEach((i, k) => (answers[i] = made instanceof Error ? made : made[k]!));
      }
    });
    return answers;
  }

  /**
   * Makes an adaptor resident, in the place of one of its level; or what its folder's calibration says is better than it.
   *
   * @returns its level
   * @throws E_ADAPTOR, E_ADAPTOR_BASE_MISMATCH, E_ADAPTOR_CLASSES, E_ADAPTOR_SHAPE; nothing is changed then
   */
  async add(folder: string): Promise<string> {
    const level = await this.take(await (await this.serving(this.options.adaptors ?? folder)).at(folder));
    this.bases = this.bases.filter((one) => one !== level);
    return level;
  }

  /**
   * Reads anew at which levels without an adaptor the base answers, as the folder's calibration says; such levels that it does not name
   * any more go.
   *
   * @throws E_CALIBRATION, E_ADAPTOR; nothing is changed then
   */
  async refreshBases(): Promise<void> {
    const { adaptors } = this.options;
    if (adaptors !== undefined) await this.takeBases(await this.serving(adaptors));
  }

  /** Lets an adaptor go; streams at its level go to the nearest other one. @throws E_ADAPTOR_LEVEL where there is none */
  remove(level: string): void {
    this.network.remove(level);
    this.answering.delete(level);
    this.streams.removeLevel(level);
  }

  /** Sets the level of all frames of a stream to come; null lets the frames show it again. @throws E_DISTORT_LEVEL, E_ADAPTOR_LEVEL */
  state(stream: string, level: string | null): void {
    this.streams.of(stream).tracker.state(level);
  }

  /** Changes of a stream's level, the oldest first. */
  log(stream: string): readonly LevelChange[] {
    return this.streams.log(stream);
  }

  /** Forgets a stream that ended. */
  forget(stream: string): void {
    this.streams.forget(stream);
  }

  describe(): ModelDescription {
    return describeModel(this.network, this.base, this.answering);
  }

  /** Makes the graph that frames are answered with, for which the first frames would have to wait otherwise. */
  warmUp(): void {
    this.network.warmUp();
  }

  /** Frees the network, all adaptors and the graph. */
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
      const { detector, tracker } = this.streams.of(options.stream);
      const seen: Observations =
        options.level === undefined ? detector.detect({ bytes, pixels: stored, upright: pixels }) : {};
      const tracked = tracker.next(seen, options.level);
      return { pixels, tracked, decode, detect: performance.now() - start };
    });
  }

  /** Frames that run together. */
  private async run(frames: readonly Ready[], level: string | null, watch: Watch): Promise<Inference[]> {
    const pictures = frames.map(({ pixels }) => pixels);
    const { answers, swap, forward } = await this.network.run(pictures, level, watch);
    const { width, height } = frames[0]!.pixels;
    return frames.map(({ tracked, decode, detect }, i) => ({
      ...answers[i]!,
      ...this.topOf(answers[i]!),
      ...this.boxesOf(answers[i]!, pictures[i]!),
      width,
      height,
      ...this.answering.at(level),
      confidence: tracked.confidence,
      source: tracked.how,
      seen: tracked.known,
      timings: { decode, detect, swap, forward },
    }));
  }

  private async addAll(): Promise<void> {
    const { adaptors, onBroken, warn } = this.options;
    if (adaptors === undefined) return;
    const serving = await this.serving(adaptors);
    await addAdaptors(adaptors, async (folder) => this.take(await serving.at(folder)), onBroken);
    await this.takeBases(serving);
    for (const note of serving.notes) warn?.(note);
  }

  private async takeBases(serving: Serving): Promise<void> {
    const levels = serving.bases.map(({ level }) => level);
    for (const level of this.bases) if (!levels.includes(level) && this.levels.includes(level)) this.remove(level);
    for (const served of serving.bases) await this.take(served);
    this.bases = levels;
  }

  private serving(folder: string): Promise<Serving> {
    return Serving.open(folder, this.base, this.options.calibration);
  }

  private async take(served: Served): Promise<string> {
    const { level, adaptor, share } = served;
    // Frames that run get what is there before or after, and its version and reason with it.
    await this.turns.take(() => {
      if (adaptor) this.network.add(adaptor, share);
      else this.network.addBase(level);
      this.answering.set(served);
    });
    this.streams.addLevel(level);
    return level;
  }

  private topOf({ probabilities }: Answer): Pick<Inference, 'top'> {
    return probabilities ? { top: topClasses(probabilities, this.base.config.classes) } : {};
  }

  private boxesOf(answer: Answer, picture: Pixels): Pick<Inference, 'boxes'> {
    const { classes } = this.base.config;
    if (answer.objects) return { boxes: foundObjects(answer.objects, classes) };
    const found = this.network.detect(answer, picture);
    return found ? { boxes: foundBoxes(found, classes) } : {};
  }
}
