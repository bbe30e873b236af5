import { join } from 'node:path';
import { fail, GearnnError } from '../common/errors.js';
import { settle } from '../common/outcome.js';
import { CLEAN } from '../distort/level.js';
import { splitCheckpoints } from '../select/split-checkpoints.js';
import type { Split } from '../select/split.js';
import { FINETUNE, finetune, type FinetuneOptions } from '../train/finetune.js';
import type { Division } from './division.js';
import type { Judge, Verdict } from './judge.js';
import { ADAPT, RATES, type AdaptOptions, type AdaptRow } from './options.js';

/** What all levels of a call share. */
export interface Setting {
  options: AdaptOptions;
  division: Division;
  judge: Judge;
  /** Height and width of training crops. */
  size: [height: number, width: number];
  batch: number;
}

/** An adaptor that was trained, and how it did on the pictures to choose by. */
interface Candidate {
  verdict: Verdict;
  folder: string;
  rate: number;
  steps: number;
}

/** What a level came to, and where its adaptor lies. */
export interface AdaptedLevel {
  row: AdaptRow;
  folder: string;
}

/**
 * Adapts to one level: fine-tunes the whole network, measures what changed (Eq. 1), chooses within the budget (Eq. 2), trains adaptors of that
 * choice at several rates for half the steps, the best rate for all of them, and takes the one that does best on the pictures to choose by.
 *
 * @param work folder for what is made on the way; what is there is taken up
 */
export async function adaptLevel(setting: Setting, level: string, work: string): Promise<AdaptedLevel> {
  const began = performance.now();
  const { options, judge, division } = setting;
  const { rates = RATES, steps = ADAPT.steps } = options;
  const split = await splitAt(setting, level, work);
  const half = Math.ceil(steps / 2);
  const trial = (rate: number, of: number): Promise<Candidate> =>
    candidate(setting, { level, split, work, rate, steps: of });
  const candidates: Candidate[] = [];
  for (const rate of rates) candidates.push(...(await unlessDiverging(() => trial(rate, half))));
  if (candidates.length === 0)
    candidates.push(await atLowerRates(Math.min(...rates) / 10, (rate) => trial(rate, half)));
  const { rate } = best(candidates);
  if (steps > half) candidates.push(...(await unlessDiverging(() => trial(rate, steps))));
  const chosen = best(candidates);
  const { choose, measure } = division;
  const without = { level, adaptor: chosen.folder, active: false };
  const untouched = await judge.score({ ...without, slice: choose, title: `${level}: as it is` });
  return {
    folder: chosen.folder,
    row: {
      level,
      before: (await judge.score({ ...without, slice: measure, title: `${level}: before` })).score,
      after: (await judge.score({ level, adaptor: chosen.folder, slice: measure, title: `${level}: after` })).score,
      clean: (
        await judge.score({
          slice: measure,
          level: CLEAN.text,
          adaptor: chosen.folder,
          title: `${level}: on clean pictures`,
        })
      ).score,
      kept: judge.isBetter(chosen.verdict, untouched),
      parameters: split.size,
      rate: chosen.rate,
      steps: chosen.steps,
      seconds: Math.round((performance.now() - began) / 100) / 10,
    },
  };
}

/** The items to adapt, by what a fine-tune of the whole network for half the steps changes. */
async function splitAt(setting: Setting, level: string, work: string): Promise<Split> {
  const { checkpoint, budget = ADAPT.budget, steps = ADAPT.steps } = setting.options;
  const out = await atLowerRates(FINETUNE.learningRate, async (learningRate) => {
    const isUsual = learningRate === FINETUNE.learningRate;
    const folder = join(work, isUsual ? 'whole' : `whole,rate=${learningRate}`);
    await train(setting, { level, out: folder, steps: Math.ceil(steps / 2), learningRate, what: 'whole network' });
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

async function candidate(
  setting: Setting,
  { level, split, work, rate, steps }: { level: string; split: Split; work: string; rate: number; steps: number },
): Promise<Candidate> {
  const name = `rate=${rate},steps=${steps}`;
  const folder = join(work, name);
  await train(setting, { level, out: folder, steps, split, learningRate: rate, what: `adaptor, ${name}` });
  const { choose: slice } = setting.division;
  const verdict = await setting.judge.score({ slice, level, adaptor: folder, title: `${level}: ${name}` });
  return { folder, rate, steps, verdict };
}

/** How often a rate is divided by ten. */
const MOST_CUTS = 4;

/** Trains at a rate, or where the loss or a weight leaves the finite numbers at a tenth of it, and so on. @throws E_TRAIN_LOSS of the lowest */
async function atLowerRates<T>(rate: number, run: (rate: number) => Promise<T>): Promise<T> {
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
async function train(
  { options, division, size, batch }: Setting,
  { what, ...run }: Pick<FinetuneOptions, 'level' | 'out' | 'steps' | 'split' | 'learningRate'> & { what: string },
): Promise<void> {
  const { checkpoint, data, objective = ADAPT.objective, seed, engine, workers, progress, signal, warn } = options;
  await finetune({
    ...{ checkpoint, data, objective, seed, engine, workers, signal, warn, size, batch, ...run },
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
