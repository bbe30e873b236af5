import type { Pixels } from '../image/pixels.js';
import type { AdaptedNetwork, Choice } from './adapted-network.js';
import type { Neighbours } from './between.js';
import type { TrackedLevel } from './tracker.js';

/** A frame whose level is known. */
export interface Ready {
  pixels: Pixels;
  tracked: TrackedLevel;
  /** The two levels to blend for it, where that was asked for and it lies between two. */
  between: Neighbours | undefined;
  /** Milliseconds. */
  decode: number;
  detect: number;
}

/** Frames that run together, by their positions. */
export interface Run {
  frames: number[];
  choice: Choice;
}

/**
 * Puts frames together that one run answers: those of one size and one level, or one blend. A run begins where its first frame stands, so
 * no level waits for one that came later.
 *
 * @param frames an error is passed over
 */
export function runsOf(frames: readonly (Ready | Error)[], network: Pick<AdaptedNetwork, 'blends'>): Run[] {
  const runs = new Map<string, Run>();
  frames.forEach((frame, i) => {
    if (frame instanceof Error) return;
    const { pixels, tracked, between } = frame;
    const choice = between && network.blends(between) ? between : tracked.level;
    const key = JSON.stringify([pixels.width, pixels.height, choice]);
    const run = runs.get(key);
    if (run) run.frames.push(i);
    else runs.set(key, { frames: [i], choice });
  });
  return [...runs.values()];
}
