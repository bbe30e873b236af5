import type { FilterContext, FilterGraph, Frame } from 'node-av/lib';
import { fail } from '../common/errors.js';
import { type Library, reasonOf } from './library.js';
import type { FilterStep } from './orientation.js';

/**
 * A chain of FFmpeg's filters that gives a frame for each that it takes, in their order. It is made for one size and format of
 * frames; {@link Filters.fits} says whether a frame is of that kind.
 */
export class Filters {
  private readonly out: Frame;

  private constructor(
    private readonly library: Library,
    private readonly graph: FilterGraph,
    private readonly source: FilterContext,
    private readonly sink: FilterContext,
    private readonly kind: string,
  ) {
    this.out = new library.Frame();
    this.out.alloc();
  }

  /** @throws E_VIDEO_BROKEN where this build of FFmpeg lacks a filter, or it does not take such frames */
  static open(library: Library, frame: Frame, steps: readonly FilterStep[]): Filters {
    const graph = new library.FilterGraph();
    graph.alloc();
    // One thread: results do not depend on it, and forward passes have the others.
    graph.nbThreads = 1;
    try {
      const contexts = [['buffer', settingsOf(frame)], ...steps, ['buffersink', '']].map(([name, settings], i) => {
        const filter = library.Filter.getByName(name!);
        const context = filter && graph.createFilter(filter, `${name}-${i}`, settings || null);
        return context ?? refuse(steps, `no filter ${name} that takes ${settings || 'them'}`);
      });
      contexts.slice(1).forEach((context, i) => {
        const code = contexts[i]!.link(0, context, 0);
        if (code < 0) refuse(steps, reasonOf(library, code));
      });
      const code = graph.configSync();
      if (code < 0) refuse(steps, reasonOf(library, code));
      return new Filters(library, graph, contexts[0]!, contexts.at(-1)!, kindOf(frame, steps));
    } catch (error) {
      graph.free();
      throw error;
    }
  }

  fits(frame: Frame, steps: readonly FilterStep[]): boolean {
    return kindOf(frame, steps) === this.kind;
  }

  /** Takes a frame, null for the end, and gives what is ready; each is valid until the next one is asked for. */
  async *through(frame: Frame | null): AsyncGenerator<Frame, void> {
    const { library, source, sink, out } = this;
    const { AVERROR_EAGAIN, AVERROR_EOF, AV_BUFFERSRC_FLAG_KEEP_REF } = library.constants;
    let code = await source.buffersrcAddFrame(frame, AV_BUFFERSRC_FLAG_KEEP_REF);
    if (code < 0) refuse([], reasonOf(library, code));
    for (;;) {
      code = await sink.buffersinkGetFrame(out);
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return;
      if (code < 0) refuse([], reasonOf(library, code));
      yield out;
      out.unref();
    }
  }

  close(): void {
    this.out.free();
    this.graph.free();
  }
}

function settingsOf(frame: Frame): string {
  const { width, height, format, colorSpace, colorRange } = frame;
  return [
    `video_size=${width}x${height}:pix_fmt=${format}:time_base=1/1:pixel_aspect=1/1`,
    `colorspace=${colorSpace}:range=${colorRange}`,
  ].join(':');
}

function kindOf(frame: Frame, steps: readonly FilterStep[]): string {
  return `${settingsOf(frame)} ${steps.join(' ')}`;
}

function refuse(steps: readonly FilterStep[], got: string): never {
  const expected = `frames that pass FFmpeg's filters${steps.length > 0 ? ` ${steps.map(([name]) => name).join(', ')}` : ''}`;
  fail('E_VIDEO_BROKEN', { where: 'frame', expected, got });
}
