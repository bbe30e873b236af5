import { loadAdaptor } from '../../src/adaptor/file.js';
import { listAdaptors } from '../../src/adaptor/list.js';
import { createPredictor } from '../../src/eval/predictor.js';
import type { Pixels } from '../../src/image/pixels.js';
import { loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import { taskOf } from '../../src/tasks/registry.js';
import { AdaptedNetwork } from '../../src/serve/adapted-network.js';
import { quantile } from '../../src/common/quantile.js';

/** Median milliseconds per frame of several ways to answer the same frames, taken in turns. */
export interface ThroughputResult {
  frames: number;
  /** One frame at a time. */
  single: { changing: number; fixed: number; folded: number };
  /** Four frames, of four levels and of one, per frame. */
  batch: { grouped: number; oneLevel: number };
}

export interface ThroughputOptions {
  checkpoint: string;
  adaptors: string;
  size: [height: number, width: number];
  rounds: number;
}

const BATCH = 4;

/**
 * Frames whose level changes every time, against a fixed level, and against a graph into which that level's adaptor is folded as
 * constants. Then four frames of four levels, a run for each, against four of one level in one run.
 */
export async function benchThroughput(options: ThroughputOptions): Promise<ThroughputResult> {
  const { checkpoint, adaptors, rounds } = options;
  const [height, width] = options.size;
  const base = await loadCheckpoint(checkpoint);
  const all = await Promise.all((await listAdaptors(adaptors)).map(({ folder }) => loadAdaptor(folder, base)));
  const network = new AdaptedNetwork(networkOf(base), base.config);
  for (const adaptor of all) network.add(adaptor);
  const folded = networkOf({ ...base, state: new Map([...base.state, ...all[0]!.state]) });
  const task = taskOf(base.config);
  const constant = createPredictor(folded, task, { changing: new Set() });
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 2_654_435_761) >>> 24);
  const frame: Pixels = { data, width, height, channels: 3 };
  const levels = Array.from({ length: BATCH }, (_, i) => network.levels[i % network.levels.length]!);
  const frames = Array<Pixels>(BATCH).fill(frame);
  let turn = 0;
  const ways = {
    changing: () => network.run([frame], network.levels[turn++ % network.levels.length]!),
    fixed: () => network.run([frame], levels[0]!),
    folded: () => constant.predict({ images: data, batch: 1, width, height }),
    grouped: async () => {
      for (const level of levels) await network.run([frame], level);
    },
    oneLevel: () => network.run(frames, levels[0]!),
  };
  const times = await timeInTurns(ways, rounds);
  constant.dispose();
  folded.dispose();
  network.dispose();
  const median = (name: keyof typeof ways, frames = 1): number => quantile(times.get(name)!, 0.5) / frames;
  return {
    frames: rounds,
    single: { changing: median('changing'), fixed: median('fixed'), folded: median('folded') },
    batch: {
      grouped: median('grouped', BATCH),
      oneLevel: median('oneLevel', BATCH),
    },
  };
}

/**
 * Milliseconds of several ways to do one thing: each is timed once per round, to its end, before the next one begins. Two rounds more come
 * first, untimed.
 */
export async function timeInTurns<Name extends string>(
  ways: Readonly<Record<Name, () => unknown>>,
  rounds: number,
): Promise<Map<Name, number[]>> {
  const names = Object.keys(ways) as Name[];
  const times = new Map(names.map((name): [Name, number[]] => [name, []]));
  for (let round = -2; round < rounds; round++) {
    // What one way leaves in memory is where the next one starts, so none always follows the same.
    for (const name of order(names, round + 2)) {
      const start = performance.now();
      await ways[name]();
      if (round >= 0) times.get(name)!.push(performance.now() - start);
    }
  }
  return times;
}

/** The list begun at another place in every second round, and backwards in the others. */
function order<T>(list: readonly T[], round: number): T[] {
  const from = Math.floor(round / 2) % list.length;
  const rotated = [...list.slice(from), ...list.slice(0, from)];
  return round % 2 === 0 ? rotated : rotated.reverse();
}
