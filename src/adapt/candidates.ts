import { join } from 'node:path';
import { readAdaptorConfig } from '../adaptor/file.js';
import { fail, GearnnError } from '../common/errors.js';
import { settle } from '../common/outcome.js';
import { type Checkpoint, networkOf } from '../models/checkpoint.js';
import { parseBudget } from '../select/budget.js';
import { isScaleOrShift } from '../select/choosers/affine.js';
import { itemsOf, totalParameters } from '../select/items.js';
import { splitCheckpoints } from '../select/split-checkpoints.js';
import { finetune, type FinetuneOptions } from '../train/finetune.js';
import { recordedSettings } from '../train/recorded.js';
import type { Division } from './division.js';
import type { Judge, Verdict } from './judge.js';
import { ADAPT, RATES, type AdaptOptions } from './options.js';
import type { StepSize } from './step-size.js';
import type { Way } from './ways.js';
import { weaken } from './weaken.js';

/** What all levels of a call share. */
export interface Setting extends Partial<StepSize> {
  options: AdaptOptions;
  division: Division;
  judge: Judge;
  base: Checkpoint;
}

/** An adaptor, and how it did on the pictures to choose by. */
export interface Candidate {
  verdict: Verdict;
  folder: string;
  way: Way;
  parameters: number;
  rate: number;
  steps: number;
  share: number;
}

/** Where a level's candidates come from. */
export interface Place {
  level: string;
  /** Folder for what is made on the way; what is there is taken up. */
  work: string;
  /** First layers that are aligned, where that helps. */
  start?: Candidate;
}

/** Of the longest training's steps: what the whole network is fine-tuned for, and each rate tried. */
const TRIAL = 0.25;

/** Shares of what training changed that are tried. Where little is lost, less is often more. */
const SHARES = [1, 0.5];

/** Of the whole network, for the choice of items. */
export const WHOLE_RATE = 0.001;

/** What a way has each training of an adaptor do. */
type Training = Pick<FinetuneOptions, 'split' | 'adapt' | 'start'>;

/**
 * Adaptors of one way: at several rates for a part of the steps, at the best of these rates for all of them, each whole and by half.
 *
 * @throws E_SPLIT_BUDGET where the budget has no room for any
 */
export async function candidatesBy(way: Way, setting: Setting, place: Place): Promise<Candidate[]> {
  const training = await TRAININGS[way](setting, place);
  const { rates = training.start === undefined ? RATES.fresh : RATES.aligned, steps = ADAPT.steps } = setting.options;
  const few = Math.ceil(steps * TRIAL);
  const trial = (rate: number, of: number): Promise<Candidate[]> =>
    sharesOf(setting, place, { way, training, rate, steps: of });
  const candidates: Candidate[] = [];
  for (const rate of rates) candidates.push(...(await unlessDiverging(() => trial(rate, few))).flat());
  if (candidates.length === 0)
    candidates.push(...(await atLowerRates(Math.min(...rates) / 10, (rate) => trial(rate, few))));
  const { rate } = best(candidates);
  if (steps > few) candidates.push(...(await unlessDiverging(() => trial(rate, steps))).flat());
  return candidates;
}

const TRAININGS: Record<Way, (setting: Setting, place: Place) => Promise<Training>> = {
  /** The items that a fine-tune of the whole network changes most. */
  async items(setting, { level, work, start }) {
    const { checkpoint, budget = ADAPT.budget, steps = ADAPT.steps } = setting.options;
    const out = await atLowerRates(WHOLE_RATE, async (learningRate) => {
      const folder = join(work, learningRate === WHOLE_RATE ? 'whole' : `whole,rate=${learningRate}`);
      const few = Math.ceil(steps * TRIAL);
      const run = { level, out: folder, start: start?.folder, steps: few, learningRate };
      await train(setting, { ...run, adapt: 'learned', what: 'whole network' });
      return folder;
    });
    const { split } = await splitCheckpoints({ base: checkpoint, tuned: out, budget });
    if (split.items.length > 0) return { split, start: start?.folder };
    return fail('E_SPLIT_BUDGET', {
      where: '--budget',
      expected: 'room for the smallest item that training changes',
      got: `${budget}, ${split.budget.parameters} of ${split.total} parameters`,
      todo: 'Allow a larger budget.',
    });
  },
  /** All scales and shifts: nothing to choose, so nothing is trained for the choice. */
  affine: ({ options: { budget = ADAPT.budget }, base }, { start }) => {
    const { parameters, total, allowed } = affineRoom(base, budget);
    if (parameters <= allowed) return Promise.resolve({ adapt: 'affine', start: start?.folder });
    return fail('E_SPLIT_BUDGET', {
      where: '--budget',
      expected: `room for all scales and shifts, ${parameters} of ${total} parameters`,
      got: `${budget}, ${allowed} parameters`,
      todo: 'Allow a larger budget, or leave the choice to the knapsack: --how items.',
    });
  },
  /** From the network as it is: aligned layers are scales and shifts, which changes of weights have no room for. */
  'low-rank': ({ options: { budget = ADAPT.budget } }) => Promise.resolve({ adapt: `lora:${budget}` }),
};

/** Whether an adaptor of the budget may hold all scales and shifts, of which the network has some. */
export function hasRoomForAffine(base: Checkpoint, budget: string): boolean {
  const { parameters, allowed } = affineRoom(base, budget);
  return parameters > 0 && parameters <= allowed;
}

/** Values of all scales and shifts of a network, of it as a whole, and of a budget. */
function affineRoom(base: Checkpoint, budget: string): { parameters: number; total: number; allowed: number } {
  const network = networkOf(base);
  try {
    const total = totalParameters(network.parameters);
    const parameters = totalParameters(itemsOf(network.parameters).filter(isScaleOrShift));
    return { parameters, total, allowed: parseBudget(budget, total) };
  } finally {
    network.dispose();
  }
}

/** One adaptor, and how each share of it does on the pictures to choose by. */
async function sharesOf(
  setting: Setting,
  { level, work }: Place,
  { way, training, rate, steps }: { way: Way; training: Training; rate: number; steps: number },
): Promise<Candidate[]> {
  const name = `${way === 'items' ? '' : `${way},`}rate=${rate},steps=${steps}`;
  const whole = join(work, name);
  await train(setting, { level, out: whole, steps, learningRate: rate, ...training, what: `adaptor, ${name}` });
  const { judge, division, base } = setting;
  const { parameters } = await readAdaptorConfig(whole);
  const candidates: Candidate[] = [];
  for (const share of SHARES) {
    const folder = share === 1 ? whole : `${whole},share=${share}`;
    if (share < 1) await weaken(whole, base, share, folder);
    const verdict = await judge.score({ slice: division.choose, level, adaptor: folder, title: `${level}: ${name}` });
    candidates.push({ folder, way, parameters, rate, steps, share, verdict });
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

/** Pictures keep their size: it is at this one that they are distorted, and shrunk ones would lie in a frame. */
const AS_IS: [number, number] = [1, 1];

/** One fine-tune; a finished one is taken as it is, an interrupted one goes on. */
export async function train(
  { options, division, size, batch, base }: Setting,
  {
    what,
    ...run
  }: Pick<FinetuneOptions, 'level' | 'out' | 'start' | 'steps' | 'split' | 'adapt' | 'learningRate' | 'samples'> & {
    what: string;
  },
): Promise<void> {
  const { checkpoint, data, objective = ADAPT.objective, seed, engine, workers, progress, signal, warn } = options;
  await finetune({
    ...{ checkpoint, data, objective, seed, engine, workers, signal, warn, size, batch },
    ...{ optimizer: 'adam', weightDecay: 0, flip: recordedSettings(base.config).flip ?? false, scale: AS_IS },
    samples: division.train,
    ...run,
    resume: true,
    progress: progress && ((event) => progress({ ...event, task: `${run.level}: ${what}` })),
  });
}

/** The first of those with the highest score; one that is not a number is the worst. */
export function best(candidates: readonly Candidate[]): Candidate {
  return candidates.reduce((first, other) =>
    other.verdict.score > first.verdict.score || Number.isNaN(first.verdict.score) ? other : first,
  );
}
