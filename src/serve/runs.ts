import type { Pixels } from '../image/pixels.js';
import type { TrackedLevel } from './tracker.js';

/** A frame whose level is known. */
export interface Ready {
  pixels: Pixels;
  tracked: TrackedLevel;
  /** Milliseconds. */
  decode: number;
  detect: number;
}

/** Frames that run together, by their positions. */
export interface FrameRun {
  frames: number[];
  /** Of the adaptor that answers them; null for the base. */
  level: string | null;
}

/**
 * Puts frames together that one run answers: those of one size and one level. A run begins where its first frame stands, so no level waits
 * for one that came later.
 *
 * @param frames an error is passed over
 */
export function runsOf(frames: readonly (Ready | Error)[]): FrameRun[] {
  const runs = new Map<string, FrameRun>();
  frames.forEach((frame, i) => {
    if (frame instanceof Error) return;
    const { width, height } = frame.pixels;
    const { level } = frame.tracked;
    const key = JSON.stringify([width, height, level]);
    const run = runs.get(key);
    if (run) run.frames.push(i);
    else runs.set(key, { frames: [i], level });
  });
  return [...runs.values()];
}
