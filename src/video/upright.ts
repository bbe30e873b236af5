import type { Frame } from 'node-av/lib';
import { Filters } from './filters.js';
import type { Library } from './library.js';
import { hdrSteps } from './hdr.js';
import { type FilterStep, type Turn, turnOf } from './orientation.js';

/** How frames are shown. */
export interface ShowOptions {
  /**
   * Whether interlaced frames are made whole pictures of their first field, by FFmpeg's filter yadif; their two fields are woven into one
   * picture otherwise. Default: true; frames that are not marked as interlaced stay as they are.
   */
  deinterlace?: boolean;
  /** Whether frames are turned upright as the file says; they come as they are stored otherwise. Default: true. */
  autorotate?: boolean;
}

/** One frame for each, of the first field's time; those that are not marked as interlaced stay as they are. */
const DEINTERLACE: FilterStep = ['yadif', 'mode=send_frame:parity=auto:deint=interlaced'];

/** A frame as it is to be shown, with what came with it. */
export interface Shown<T> {
  frame: Frame;
  with: T;
  /** How it was stored, where that is not upright; it was turned unless that was not wanted. */
  turn?: Turn;
}

/**
 * Frames as they are to be seen: deinterlaced, upright, and of HDR in SDR's range, by the filters of FFmpeg. Frames that need none pass
 * as they are; frames of one size and kind share a chain.
 */
export class Upright<T> {
  private filters: Filters | undefined;
  /** What came with the frames that the filters hold; undefined for one that was there before. */
  private waiting: (Omit<Shown<T>, 'frame'> | undefined)[] = [];
  private isInterlaced = false;
  /** The frame before, for the filter that looks at fields around a frame. */
  private before: Frame | undefined;
  private serial = 0n;

  constructor(
    private readonly library: Library,
    private readonly options: ShowOptions,
  ) {}

  /** Takes a frame and gives those that are ready, in order; each is valid until the next one is asked for. */
  async *show(frame: Frame, companion: T): AsyncGenerator<Shown<T>, void> {
    const { library, options } = this;
    const { constants } = library;
    const matrix = frame.getSideData(constants.AV_FRAME_DATA_DISPLAYMATRIX);
    const turn = matrix ? turnOf(matrix) : undefined;
    const wasInterlaced = this.isInterlaced;
    this.isInterlaced ||= (options.deinterlace ?? true) && frame.hasFlags(constants.AV_FRAME_FLAG_INTERLACED);
    const steps: FilterStep[] = [
      ...(this.isInterlaced ? [DEINTERLACE] : []),
      ...((options.autorotate ?? true) && turn ? turn.steps : []),
      ...hdrSteps(library, frame),
    ];
    const said = { with: companion, ...(turn && { turn }) };
    if (this.filters && !this.filters.fits(frame, steps)) yield* this.end();
    if (steps.length === 0) {
      this.remember(frame);
      yield { frame, ...said };
      return;
    }
    if (!this.filters) {
      this.filters = Filters.open(library, frame, steps);
      if (this.isInterlaced && !wasInterlaced && this.before && this.filters.fits(this.before, steps)) {
        yield* this.pass(this.before, undefined);
      }
    }
    this.forget();
    yield* this.pass(frame, said);
  }

  /** The frames that were held back. */
  async *end(): AsyncGenerator<Shown<T>, void> {
    const { filters } = this;
    if (!filters) return;
    for await (const frame of filters.through(null)) yield* this.matched(frame);
    filters.close();
    this.filters = undefined;
    this.waiting = [];
  }

  close(): void {
    this.filters?.close();
    this.filters = undefined;
    this.forget();
  }

  private async *pass(frame: Frame, said: Omit<Shown<T>, 'frame'> | undefined): AsyncGenerator<Shown<T>, void> {
    // Filters ask for times that rise; those of the file are kept beside.
    frame.pts = this.serial++;
    this.waiting.push(said);
    for await (const out of this.filters!.through(frame)) yield* this.matched(out);
  }

  private *matched(frame: Frame): Generator<Shown<T>, void> {
    const said = this.waiting.shift();
    if (said) yield { frame, ...said };
  }

  private remember(frame: Frame): void {
    if (!(this.options.deinterlace ?? true)) return;
    this.forget();
    this.before = frame.clone() ?? undefined;
  }

  private forget(): void {
    this.before?.free();
    this.before = undefined;
  }
}
