import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { saveAdaptor } from '../adaptor/file.js';
import { writeJsonAtomic } from '../common/files.js';
import { makeFolder } from '../common/folders.js';
import { openDataset } from '../data/registry.js';
import { distinctLevels } from '../distort/level-folders.js';
import { loadCheckpoint } from '../models/checkpoint.js';
import { splitCheckpoints } from '../select/split-checkpoints.js';
import { taskOf } from '../tasks/registry.js';
import { parseObjective } from '../train/objectives/registry.js';
import { stepOf } from './adapt.js';
import { type BudgetPoint, budgetCurve, type LevelBudgets, smallestBudget } from './budget-curve.js';
import { atLowerRates, type Setting, train, WHOLE_RATE } from './candidates.js';
import { divide } from './division.js';
import { Judge, type Verdict } from './judge.js';
import { ADAPT, type AdaptOptions } from './options.js';

export interface PlanOptions extends Omit<AdaptOptions, 'budget' | 'how' | 'rates' | 'force' | 'resume' | 'onRow'> {
  /** Sizes of adaptors to try. Default: {@link PLAN}. */
  budgets?: readonly string[];
  /** Of what can be won back: 0..1. Default: 0.9. */
  target?: number;
  /** Of adaptors. Default: 0.01. */
  rate?: number;
  /** Called with every level's result as it is ready. */
  onRow?: (row: LevelBudgets) => void;
}

export interface PlanOutcome {
  heading: string;
  agreement: boolean;
  /** Pictures that scores are of. */
  pictures: number;
  target: number;
  rows: LevelBudgets[];
  curve: BudgetPoint[];
  /** The smallest size that reaches the target; undefined where none that was tried does. */
  smallest?: BudgetPoint;
}

export const PLAN = { budgets: ['0.05%', '0.1%', '0.2%', '0.5%', '1%'], steps: 60, rate: 0.01, target: 0.9 };

/** What is made on the way lies in here, within OUT, until the call is through. */
const WORK = '.plan';

/**
 * Which levels need an adaptor, and how large one has to be for a share of what can be won back: at each level the whole network is fine-tuned for a few
 * steps, and where that or an adaptor of the middle size surely helps, adaptors of each size that its changes choose (Eq. 1, Eq. 2). An interrupted call goes on when it is made again.
 *
 * @throws E_TRAIN_DATA for too few pictures, E_SPLIT_BUDGET, and what `finetune` and `evaluate` throw
 */
export async function plan(options: PlanOptions): Promise<PlanOutcome> {
  const { out, engine, workers, progress, signal, budgets = PLAN.budgets, target = PLAN.target } = options;
  const levels = distinctLevels([...options.levels], '--level');
  const base = await loadCheckpoint(options.checkpoint);
  const dataset = await openDataset(options.data);
  const division = divide(dataset);
  const agreement = !parseObjective(options.objective ?? ADAPT.objective).needsTarget;
  const work = join(out, WORK);
  await makeFolder(work);
  const judge = new Judge({ base, dataset, agreement, precision: engine.precision, workers, progress, signal });
  const metric = taskOf(base.config).metric(base.config.classes.length);
  try {
    const training: AdaptOptions = { ...options, onRow: undefined };
    const crop = await stepOf(training, base, dataset, agreement);
    const setting: Setting = { options: training, division, judge, base, ...crop };
    const rows: LevelBudgets[] = [];
    for (const level of levels) {
      const row = await budgetsAt(setting, level, join(work, level), { ...options, budgets });
      rows.push(row);
      options.onRow?.(row);
    }
    const curve = budgetCurve(rows);
    const outcome: PlanOutcome = {
      ...{ heading: metric.headings[metric.primary]!, agreement, pictures: division.counts.measure, target },
      ...{ rows, curve, smallest: smallestBudget(curve, target) },
    };
    await writeJsonAtomic(join(out, 'plan.json'), { format: 'gearnn-plan', version: 1, ...outcome });
    await rm(work, { recursive: true, force: true });
    return outcome;
  } finally {
    judge.dispose();
  }
}

async function budgetsAt(
  setting: Setting,
  level: string,
  work: string,
  { budgets, steps = PLAN.steps, rate = PLAN.rate }: PlanOptions & { budgets: readonly string[] },
): Promise<LevelBudgets> {
  const { judge, division, options } = setting;
  const { checkpoint } = options;
  const slice = division.measure;
  const tuned = await atLowerRates(WHOLE_RATE, async (learningRate) => {
    const folder = join(work, `whole,rate=${learningRate}`);
    await train(setting, { level, out: folder, steps, adapt: 'learned', learningRate, what: 'whole network' });
    return folder;
  });
  const all = join(work, 'all');
  await wholeAsAdaptor(setting, tuned, level, all);
  const before = await judge.score({ slice, level, adaptor: all, active: false, title: `${level}: as it is` });
  const after = await judge.score({ slice, level, adaptor: all, title: `${level}: whole network` });
  const known = new Map<string, { point: LevelBudgets['points'][number]; verdict: Verdict }>();
  const tried = async (budget: string) => {
    if (!known.has(budget)) known.set(budget, await pointAt(budget));
    return known.get(budget)!;
  };
  const pointAt = async (budget: string) => {
    const { split } = await splitCheckpoints({ base: checkpoint, tuned, budget });
    if (split.items.length === 0) return { point: { budget, parameters: 0, score: before.score }, verdict: before };
    const adaptor = await atLowerRates(rate, async (learningRate) => {
      const folder = join(work, `${budget},rate=${learningRate}`);
      await train(setting, { level, out: folder, steps, split, learningRate, what: `adaptor of ${budget}` });
      return folder;
    });
    const verdict = await judge.score({ slice, level, adaptor, title: `${level}: adaptor of ${budget}` });
    return { point: { budget, parameters: split.size, score: verdict.score }, verdict };
  };
  // A short training may harm a whole network where it helps a few of its weights.
  const middle = budgets[Math.floor(budgets.length / 2)]!;
  const needed = judge.isBetter(after, before) || judge.isBetter((await tried(middle)).verdict, before);
  const points: LevelBudgets['points'] = [];
  if (needed) for (const budget of budgets) points.push((await tried(budget)).point);
  return { level, base: before.score, whole: after.score, needed, points };
}

/** Writes a fine-tune of the whole network as an adaptor of all items, so that it is scored as the others are. */
async function wholeAsAdaptor({ base }: Setting, tuned: string, level: string, out: string): Promise<void> {
  const { items, split } = await splitCheckpoints({ base: base.folder, tuned, budget: '100%' });
  const { state } = await loadCheckpoint(tuned);
  const { network, classes } = base.config;
  const parameters = items.reduce((sum, { size }) => sum + size, 0);
  await saveAdaptor(
    out,
    {
      ...{ level, base: base.hash, network, classes, parameters, budget: split.budget, training: {} },
      items: items.map(({ name, tensors, size }) => ({ name, tensors: [...tensors], size })),
    },
    state,
  );
}
