import { z } from 'zod';
import { writeJsonAtomic } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import { parseBudget } from './budget.js';
import { GRANULARITIES, type Granularity, type Item, type ItemTensor, type NetworkItem } from './item.js';
import { itemsOf, totalParameters } from './items.js';
import type { Chooser } from './choosers/chooser.js';
import { CHOOSER_NAMES, choosers, type ChooserName } from './choosers/registry.js';
import { sensitivity, type Sensitivity, type TensorValues } from './sensitivity.js';
import { VALUE_NAMES, values, type ValueName } from './values/registry.js';
import type { ItemValue } from './values/value.js';

const count = z.int().nonnegative();

/** What a split file holds; docs/formats.md explains it field by field. */
const splitSchema = z.strictObject({
  format: z.literal('gearnn-split'),
  version: z.literal(1),
  /** The level that the network was fine-tuned at. */
  level: z.string().min(1),
  /** Content hash of the base that the sensitivities are measured against. */
  baseHash: z.string().min(1),
  granularity: z.enum(GRANULARITIES),
  /** What `value` is. Default: the mean change (Eq. 1). */
  values: z.enum(VALUE_NAMES).optional(),
  /** How the items were chosen. Default: by the knapsack (Eq. 2). */
  chooser: z.enum(CHOOSER_NAMES).optional(),
  /** As the user wrote it, and what that allows. */
  budget: z.strictObject({ text: z.string(), parameters: count }),
  /** Parameters of the network's whole state. */
  total: count,
  /** The chosen items, in the network's order. */
  items: z.array(z.strictObject({ name: z.string(), tensors: z.array(z.string()).min(1), size: count })),
  /** Sum of the chosen items' sizes. */
  size: count,
  /** Sum of the chosen items' sensitivities. */
  value: z.number().nonnegative(),
  /** Every item's sensitivity, the chosen ones and the others. */
  sensitivity: z.array(
    z.strictObject({
      name: z.string(),
      value: z.number().nonnegative(),
      size: count,
      changed: z.number().min(0).max(1),
    }),
  ),
});

/** The items chosen for one level, and what they were chosen from. */
export type Split = z.infer<typeof splitSchema>;

/** What items are worth and how they are chosen. */
export interface ChoiceOptions {
  /** Default: their mean change (Eq. 1). */
  values?: ValueName;
  /** Default: by the knapsack (Eq. 2). */
  choose?: ChooserName;
  /** Of what is random. Default: 0. */
  seed?: number;
}

/** What full fine-tuning at one level came to. */
export interface TunedState {
  /** The values after it. */
  tuned: ReadonlyMap<string, TensorValues>;
  /** Of the loss at the level, at the base's weights, for values that need them. */
  gradients?: ReadonlyMap<string, TensorValues>;
}

export interface SplitOptions extends ChoiceOptions, TunedState {
  /** All of the network's, fixed ones included. */
  parameters: readonly ItemTensor[];
  /** The base's values by tensor name. */
  base: ReadonlyMap<string, TensorValues>;
  /** That `tuned` was fine-tuned at. */
  level: string;
  baseHash: string;
  /** `0.2%` of the state, or a number of parameters. */
  budget: string;
  granularity?: Granularity;
  /** The other levels', for a choice that all levels share. */
  others?: readonly TunedState[];
}

/**
 * Measures every item's sensitivity and chooses the items whose sum is the highest within the budget, or what else the options say.
 *
 * @throws E_SPLIT_BUDGET, E_SPLIT_STATE
 * @source Xie and Kim 2020, Eq. 1 and Eq. 2
 */
export function createSplit(options: SplitOptions): Split {
  const { parameters, base, level, baseHash, budget, granularity = 'tensor', others = [], seed = 0 } = options;
  const total = totalParameters(parameters);
  const capacity = parseBudget(budget, total);
  const items = itemsOf(parameters, granularity);
  const value: ItemValue = values[options.values ?? 'change'];
  const measure = ({ tuned, gradients }: TunedState): Sensitivity[] =>
    sensitivity(base, tuned, items, { value, gradients });
  const own = measure(options);
  const chooser: Chooser = choosers[options.choose ?? 'knapsack'];
  const measured = chooser.acrossLevels ? meanValues([own, ...others.map(measure)]) : own;
  const choosable = measured.map((entry, i) => ({ ...entry, kind: items[i]!.kind }));
  const chosen = chooser.choose(choosable, capacity, seed);
  return {
    format: 'gearnn-split',
    version: 1,
    level,
    baseHash,
    granularity,
    ...chosenBy(options),
    budget: { text: budget, parameters: capacity },
    total,
    items: chosen.map((index) => withoutKind(items[index]!)),
    size: chosen.reduce((sum, index) => sum + items[index]!.size, 0),
    value: chosen.reduce((sum, index) => sum + own[index]!.value, 0),
    sensitivity: own,
  };
}

/** How a split names what its items were chosen by. What is as in the paper goes unnamed, as in files of before there was a choice. */
export function chosenBy({ values = 'change', choose = 'knapsack' }: ChoiceOptions): Pick<Split, 'values' | 'chooser'> {
  return { ...(values !== 'change' && { values }), ...(choose !== 'knapsack' && { chooser: choose }) };
}

/** An item as files hold it. */
export function withoutKind({ name, tensors, size }: NetworkItem): Item {
  return { name, tensors, size };
}

/** Of every item the mean over several levels, each counting the same. */
function meanValues(levels: readonly Sensitivity[][]): Sensitivity[] {
  return levels[0]!.map((entry, i) => ({
    ...entry,
    value: levels.reduce((sum, level) => sum + level[i]!.value, 0) / levels.length,
  }));
}

/** Writes a split file, atomically. */
export function writeSplit(path: string, split: Split): Promise<void> {
  return writeJsonAtomic(path, split);
}

/**
 * Reads a split file.
 *
 * @throws E_SPLIT if it is missing or not one, naming the field that is wrong
 */
export function readSplit(path: string): Promise<Split> {
  return readJsonFile(path, splitSchema, {
    code: 'E_SPLIT',
    expected: 'a split file of gearnn, version 1',
    todo: 'Write one with gearnn split.',
  });
}
