import { join } from 'node:path';
import { readAdaptorConfig } from '../adaptor/file.js';
import { GearnnError } from '../common/errors.js';
import { CLEAN } from '../distort/level.js';
import type { Interval } from '../eval/bootstrap.js';
import { networkOf, type Checkpoint } from '../models/checkpoint.js';
import { ALIGNED } from '../train/start.js';
import { best, candidatesBy, hasRoomForAffine, train, type Candidate, type Setting } from './candidates.js';
import { ADAPT, type AdaptRow } from './options.js';
import { parseWays, type Way } from './ways.js';

/** What a level came to, and where its adaptor lies. */
export interface AdaptedLevel {
  row: AdaptRow;
  folder: string;
  /** Of the score on the pictures to measure on; undefined where there are too few. */
  gain: Interval | undefined;
}

/** Pictures by which first layers are aligned: two numbers for each channel need no more. */
const ALIGNED_BY = 32;

/**
 * Adapts to one level. Items: aligns the first layers, and goes on from there where it helps; fine-tunes the whole network, measures what changed (Eq. 1),
 * chooses within the budget (Eq. 2), trains adaptors of that choice at several rates for a part of the steps, the best rate for all of them. Low-rank changes
 * are trained alike. It takes the one that does best on the pictures to choose by, or what lies half way between it and the network.
 *
 * @param work folder for what is made on the way; what is there is taken up
 */
export async function adaptLevel(setting: Setting, level: string, work: string): Promise<AdaptedLevel> {
  const began = performance.now();
  const { judge, division } = setting;
  const candidates = await candidatesAt(setting, level, work);
  const chosen = best(candidates);
  const { choose, measure } = division;
  const without = { level, adaptor: chosen.folder, active: false };
  const untouched = await judge.score({ ...without, slice: choose, title: `${level}: as it is` });
  const before = await judge.score({ ...without, slice: measure, title: `${level}: before` });
  const after = await judge.score({ level, adaptor: chosen.folder, slice: measure, title: `${level}: after` });
  return {
    folder: chosen.folder,
    gain: judge.gain(after, before),
    row: {
      level,
      before: before.score,
      after: after.score,
      clean: (
        await judge.score({
          slice: measure,
          level: CLEAN.text,
          adaptor: chosen.folder,
          title: `${level}: on clean pictures`,
        })
      ).score,
      kept: judge.isBetter(chosen.verdict, untouched),
      how: chosen.way,
      parameters: chosen.parameters,
      rate: chosen.rate,
      steps: chosen.steps,
      share: chosen.share,
      seconds: Math.round((performance.now() - began) / 100) / 10,
    },
  };
}

/** Adaptors of every way that is to be tried; one for which the budget has no room is passed over where there is another. */
async function candidatesAt(setting: Setting, level: string, work: string): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  let noRoom: GearnnError | undefined;
  const { how = ADAPT.how, budget = ADAPT.budget } = setting.options;
  const ways = parseWays(how, hasRoomForAffine(setting.base, budget));
  const first = ways.find(takesStart);
  const start = first && (await startAt(setting, { level, work, way: first }));
  for (const way of ways) {
    try {
      candidates.push(
        ...(await candidatesBy(way, setting, { level, work, start: takesStart(way) ? start : undefined })),
      );
      if (start && way === first) candidates.push(start);
    } catch (error) {
      if (!(error instanceof GearnnError && error.code === 'E_SPLIT_BUDGET')) throw error;
      noRoom ??= error;
    }
  }
  if (candidates.length === 0) throw noRoom!;
  return candidates;
}

/** Aligned layers are scales and shifts, for which changes of low rank have no room. */
function takesStart(way: Way): boolean {
  return way !== 'low-rank';
}

/** First layers that are aligned, where that brings answers nearer to those wanted. */
async function startAt(
  setting: Setting,
  { level, work, way }: { level: string; work: string; way: Way },
): Promise<Candidate | undefined> {
  const { division, judge, base } = setting;
  if (!hasStems(base)) return undefined;
  const folder = join(work, 'start');
  const { split, start, end } = division.train;
  const samples = { split, start, end: Math.min(end ?? Infinity, start + ALIGNED_BY) };
  const title = `${level}: first layers`;
  await train({ ...setting, batch: 1 }, { level, out: folder, samples, adapt: 'stems', start: ALIGNED, steps: 0, what: 'first layers' }); // prettier-ignore
  const question = { slice: division.choose, level, adaptor: folder, title };
  const [before, verdict] = [await judge.score({ ...question, active: false }), await judge.score(question)];
  if (!(verdict.score > before.score)) return undefined;
  const { parameters } = await readAdaptorConfig(folder);
  return { verdict, folder, way, parameters, rate: 0, steps: 0, share: 1 };
}

function hasStems(base: Checkpoint): boolean {
  const network = networkOf(base);
  try {
    return network.stems.layers.length > 0;
  } finally {
    network.dispose();
  }
}
