import { StreamDetector } from '../distort/detect/stream.js';
import type { RunnerOptions } from './runner-options.js';
import { type LevelChange, LevelTracker } from './tracker.js';

/** Streams that are remembered; the one that was silent longest is forgotten first. */
const STREAMS = 1024;

/** What is known of a stream from one frame to the next. */
export interface Stream {
  detector: StreamDetector;
  tracker: LevelTracker;
}

/** The streams that frames come from. */
export class Streams {
  /** In the order in which they were last heard of. */
  private readonly known = new Map<string, Stream>();

  /** @param levels those that can answer now */
  constructor(
    private readonly options: Pick<RunnerOptions, 'size' | 'reference' | 'calibrate'>,
    private readonly levels: () => readonly string[],
  ) {}

  /** The stream of a name, which begins where it was not heard of; of frames that belong to none, one for each. */
  of(name: string | undefined): Stream {
    if (name === undefined) return this.begin();
    const stream = this.known.get(name) ?? this.begin();
    this.known.delete(name);
    this.known.set(name, stream);
    if (this.known.size > STREAMS) this.known.delete(this.known.keys().next().value!);
    return stream;
  }

  /** Changes of a stream's level, the oldest first. */
  log(name: string): readonly LevelChange[] {
    return this.known.get(name)?.tracker.log ?? [];
  }

  forget(name: string): void {
    this.known.delete(name);
  }

  /** A level can answer from now on. */
  addLevel(level: string): void {
    for (const { tracker } of this.known.values()) tracker.add(level);
  }

  /** A level answers no more: streams that are at it go to the nearest other one. */
  removeLevel(level: string): void {
    for (const { tracker } of this.known.values()) tracker.remove(level);
  }

  private begin(): Stream {
    const { size, reference, calibrate } = this.options;
    return {
      detector: new StreamDetector({ size, reference, calibrate }),
      tracker: new LevelTracker({ levels: this.levels(), size }),
    };
  }
}
