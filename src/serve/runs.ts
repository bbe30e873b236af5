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
 * Puts frames together that the network can answer at once: those of one size and one level, or, where it mixes, of one size and any
 * levels. Frames of one level never go into a run of several: such a run rounds differently.
 *
 * @param frames an error is passed over
 */
export function runsOf(
  frames: readonly (Ready | Error)[],
  network: Pick<AdaptedNetwork, 'mixes' | 'seats' | 'blends'>,
): Run[] {
  const sizes = new Map<string, Run[]>();
  frames.forEach((frame, i) => {
    if (frame instanceof Error) return;
    const { pixels, tracked, between } = frame;
    const size = `${pixels.width} ${pixels.height}`;
    const choice = between && network.blends(between) ? between : tracked.level;
    const runs = sizes.get(size) ?? [];
    sizes.set(size, runs);
    const run = runs.find((other) => JSON.stringify(other.choice) === JSON.stringify(choice));
    if (run) run.frames.push(i);
    else runs.push({ frames: [i], choice });
  });
  return [...sizes.values()].flatMap((runs) => {
    if (runs.length === 1) return runs;
    const { width, height } = (frames[runs[0]!.frames[0]!] as Ready).pixels;
    return network.mixes(width * height) ? mix(runs, frames, network.seats) : runs;
  });
}

/** Runs of one size, the shorter ones that fit together as one of several levels. */
function mix(runs: readonly Run[], frames: readonly (Ready | Error)[], seats: number): Run[] {
  const isPlain = ({ choice }: Run): boolean => choice === null || typeof choice === 'string';
  const [plain, blended] = [runs.filter(isPlain), runs.filter((run) => !isPlain(run))];
  const mixed: Run[] = [];
  for (const run of [...plain].sort((a, b) => a.frames.length - b.frames.length)) {
    const last = mixed[mixed.length - 1];
    if (last && last.frames.length + run.frames.length <= seats) last.frames.push(...run.frames);
    else mixed.push({ ...run, frames: [...run.frames] });
  }
  for (const run of mixed) {
    const levels = run.frames.map((i) => (frames[i] as Ready).tracked.level);
    if (new Set(levels).size > 1) run.choice = levels;
  }
  return [...mixed, ...blended];
}
