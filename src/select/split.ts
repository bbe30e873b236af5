import { z } from 'zod';
import { writeJsonAtomic } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import { parseBudget } from './budget.js';
import { GRANULARITIES, type Granularity, type ItemTensor } from './item.js';
import { itemsOf, totalParameters } from './items.js';
import { knapsack } from './knapsack.js';
import { sensitivity, type TensorValues } from './sensitivity.js';

const count = z.int().nonnegative();

/** What a split file holds; docs/formats.md explains it field by field. */
export const splitSchema = z.strictObject({
  format: z.literal('gearnn-split'),
  version: z.literal(1),
  /** The level that the network was fine-tuned at. */
  level: z.string().min(1),
  /** Content hash of the base that the sensitivities are measured against. */
  baseHash: z.string().min(1),
  granularity: z.enum(GRANULARITIES),
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

export interface SplitOptions {
  /** Every tensor of the network, fixed ones included. */
  state: readonly ItemTensor[];
  /** The base's values by tensor name. */
  base: ReadonlyMap<string, TensorValues>;
  /** The values after full fine-tuning at `level`. */
  tuned: ReadonlyMap<string, TensorValues>;
  level: string;
  baseHash: string;
  /** `0.2%` of the state, or a number of parameters. */
  budget: string;
  granularity?: Granularity;
}

/**
 * Measures every item's sensitivity and chooses the items whose sum is the highest within the budget.
 *
 * @throws E_SPLIT_BUDGET, E_SPLIT_STATE
 * @source Xie and Kim 2020, Eq. 1 and Eq. 2
 */
export function createSplit(options: SplitOptions): Split {
  const { state, base, tuned, level, baseHash, budget, granularity = 'tensor' } = options;
  const total = totalParameters(state);
  const parameters = parseBudget(budget, total);
  const items = itemsOf(state, granularity);
  const sensitivities = sensitivity(base, tuned, items);
  const chosen = knapsack(sensitivities, parameters);
  return {
    format: 'gearnn-split',
    version: 1,
    level,
    baseHash,
    granularity,
    budget: { text: budget, parameters },
    total,
    items: chosen.map((index) => items[index]!),
    size: chosen.reduce((sum, index) => sum + items[index]!.size, 0),
    value: chosen.reduce((sum, index) => sum + sensitivities[index]!.value, 0),
    sensitivity: sensitivities,
  };
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
