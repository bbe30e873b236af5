import { join } from 'node:path';
import { fail, GearnnError } from '../common/errors.js';
import { settle } from '../common/outcome.js';
import type { Checkpoint } from '../models/checkpoint.js';
import { CLEAN } from '../distort/level.js';
import type { Interval } from '../eval/bootstrap.js';
import { splitCheckpoints } from '../select/split-checkpoints.js';
import type { Split } from '../select/split.js';
import { recordedSettings } from '../train/recorded.js';
import { finetune, type FinetuneOptions } from '../train/finetune.js';
import type { Division } from './division.js';
import type { Judge, Verdict } from './judge.js';
import { makeStart } from './start.js';
import { weaken } from './weaken.js';
import { ADAPT, RATES, type AdaptOptions, type AdaptRow } from './options.js';
import type { StepSize } from './step-size.js';

/** What all levels of a call share. */
export interface Setting extends StepSize {
  options: AdaptOptions;
  division: Division;
  judge: Judge;
  base: Checkpoint;
}

/** An adaptor, and how it did on the pictures to choose by. */
interface Candidate {
  verdict: Verdict;
  folder: string;
  parameters: number;
  rate: number;
  steps: number;
  share: number;
}

/** What a level came to, and where its adaptor lies. */
export interface AdaptedLevel {
  row: AdaptRow;
  folder: string;
  /** Of the score on the pictures to measure on; undefined where there are too few. */
  gain: Interval | undefined;
}

/** Of the longest training's steps: what the whole network is fine-tuned for, and each rate tried. */
const TRIAL = 0.25;

/** Shares of what training changed that are tried. Where little is lost, less is often more. */
const SHARES = [1, 0.5];

/** Of the whole network, for the choice of items. */
export const WHOLE_RATE = 0.001;

/** Pictures by which first layers are aligned: two numbers for each channel need no more. */
const ALIGNED_BY = 32;

/**
 * Adapts to one level: aligns the first layers, and goes on from there where it helps; fine-tunes the whole network, measures what changed (Eq. 1),
 * chooses within the budget (Eq. 2), trains adaptors of that choice at several rates for a part of the steps, the best rate for all of them, and takes the
 * one that does best on the pictures to choose by, or what lies half way between it and the network.
 *
 * @param work folder for what is made on the way; what is there is taken up
 */
export async function adaptLevel(setting: Setting, level: string, work: string): Promise<AdaptedLevel> {
  const began = performance.now();
  const { options, judge, division } = setting;
  const { rates = RATES, steps = ADAPT.steps } = options;
  const start = await startAt(setting, level, work);
  const split = await splitAt(setting, level, work, start);
  const few = Math.ceil(steps * TRIAL);
  const trial = (rate: number, of: number): Promise<Candidate[]> =>
    candidatesOf(setting, { level, split, work, start, rate, steps: of });
  const candidates: Candidate[] = [];
  for (const rate of rates) candidates.push(...(await unlessDiverging(() => trial(rate, few))).flat());
  if (candidates.length === 0)
    candidates.push(...(await atLowerRates(Math.min(...rates) / 10, (rate) => trial(rate, few))));
  const { rate } = best(candidates);
  if (steps > few) candidates.push(...(await unlessDiverging(() => trial(rate, steps))).flat());
  if (start) candidates.push(start);
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
      parameters: chosen.parameters,
      rate: chosen.rate,
      steps: chosen.steps,
      share: chosen.share,
      seconds: Math.round((performance.now() - began) / 100) / 10,
    },
  };
}

/** First layers that are aligned, where that brings answers nearer to those wanted. */
async function startAt(
  { options, division, judge, base, size }: Setting,
  level: string,
  work: string,
): Promise<Candidate | undefined> {
  const { checkpoint, data, seed, engine, workers, progress, signal } = options;
  const folder = join(work, 'start');
  const { split, start, end } = division.train;
  const samples = { split, start, end: Math.min(end ?? Infinity, start + ALIGNED_BY) };
  const parameters = await makeStart(
    {
      ...{ checkpoint, data, level, samples, size, batch: 1, flip: false, seed, engine, workers, signal },
      progress: progress && ((event) => progress({ ...event, task: `${level}: first layers` })),
    },
    base,
    folder,
  );
  if (parameters === 0) return undefined;
  const question = { slice: division.choose, level, adaptor: folder, title: `${level}: first layers` };
  const [before, verdict] = [await judge.score({ ...question, active: false }), await judge.score(question)];
  return verdict.score > before.score ? { verdict, folder, parameters, rate: 0, steps: 0, share: 1 } : undefined;
}

/** The items to adapt, by what a fine-tune of the whole network changes. */
async function splitAt(setting: Setting, level: string, work: string, start?: Candidate): Promise<Split> {
  const { checkpoint, budget = ADAPT.budget, steps = ADAPT.steps } = setting.options;
  const out = await atLowerRates(WHOLE_RATE, async (learningRate) => {
    const folder = join(work, learningRate === WHOLE_RATE ? 'whole' : `whole,rate=${learningRate}`);
    const few = Math.ceil(steps * TRIAL);
    const run = { level, out: folder, start: start?.folder, steps: few, learningRate };
    await train(setting, { ...run, adapt: 'learned', what: 'whole network' });
    return folder;
  });
  const { split } = await splitCheckpoints({ base: checkpoint, tuned: out, budget });
  if (split.items.length > 0) return split;
  return fail('E_SPLIT_BUDGET', {
    where: '--budget',
    expected: 'room for the smallest item that training changes',
    got: `${budget}, ${split.budget.parameters} of ${split.total} parameters`,
    todo: 'Allow a larger budget.',
  });
}

/** One adaptor, and how each share of it does on the pictures to choose by. */
async function candidatesOf(
  setting: Setting,
  {
    level,
    split,
    work,
    start,
    rate,
    steps,
  }: { level: string; split: Split; work: string; start?: Candidate; rate: number; steps: number },
): Promise<Candidate[]> {
  const name = `rate=${rate},steps=${steps}`;
  const whole = join(work, name);
  const run = { level, out: whole, start: start?.folder, steps, split, learningRate: rate };
  await train(setting, { ...run, what: `adaptor, ${name}` });
  const { judge, division, base } = setting;
  const candidates: Candidate[] = [];
  for (const share of SHARES) {
    const folder = share === 1 ? whole : `${whole},share=${share}`;
    if (share < 1) await weaken(whole, base, share, folder);
    const verdict = await judge.score({ slice: division.choose, level, adaptor: folder, title: `${level}: ${name}` });
    candidates.push({ folder, parameters: split.size, rate, steps, share, verdict });
  }
  return candidates;
}

/** How often a rate is divided by ten. */
const MOST_CUTS = 4;

/** Trains at a rate, or where the loss or a weight leaves the finite numbers at a tenth of it, and so on. @throws E_TRAIN_LOSS of the lowest */
export async function atLowerRates<T>(rate: number, run: (rate: number) => Promise<T>): Promise<T> {
  for (let cut = 0; cut < MOST_CUTS; cut++) {
    const [done] = await unlessDiverging(() => run(Number((rate / 10 ** cut).toPrecision(3))));
    if (done !== undefined) return done;
  }
  return run(Number((rate / 10 ** MOST_CUTS).toPrecision(3)));
}

/** What a training gives, or nothing where the loss or a weight leaves the finite numbers. */
async function unlessDiverging<T>(run: () => Promise<T>): Promise<T[]> {
  const done = await settle(run);
  if (!(done instanceof Error)) return [done];
  if (done instanceof GearnnError && done.code === 'E_TRAIN_LOSS') return [];
  throw done;
}

/** One fine-tune; a finished one is taken as it is, an interrupted one goes on. */
export async function train(
  { options, division, size, batch, base }: Setting,
  {
    what,
    ...run
  }: Pick<FinetuneOptions, 'level' | 'out' | 'start' | 'steps' | 'split' | 'adapt' | 'learningRate'> & { what: string },
): Promise<void> {
  const { checkpoint, data, objective = ADAPT.objective, seed, engine, workers, progress, signal, warn } = options;
  await finetune({
    ...{ checkpoint, data, objective, seed, engine, workers, signal, warn, size, batch, ...run },
    ...{ optimizer: 'adam', weightDecay: 0, flip: recordedSettings(base.config).flip ?? false },
    samples: division.train,
    resume: true,
    progress: progress && ((event) => progress({ ...event, task: `${run.level}: ${what}` })),
  });
}

/** The first of those with the highest score; one that is not a number is the worst. */
function best(candidates: readonly Candidate[]): Candidate {
  return candidates.reduce((first, other) =>
    other.verdict.score > first.verdict.score || Number.isNaN(first.verdict.score) ? other : first,
  );
}
