import { fail } from '../common/errors.js';
import type { Item } from './item.js';
import { change as meanChange } from './values/change.js';
import type { ItemChange, ItemValue } from './values/value.js';

/** Changes up to this are negligible. @source Xie and Kim 2020, section 3.2.1 */
const NEGLIGIBLE_CHANGE = 2e-4;

/** One tensor's values, in any layout as long as it is the same on both sides. */
export interface TensorValues {
  shape: readonly number[];
  data: Float32Array;
}

/** How far fine-tuning moved one item. */
export interface Sensitivity {
  /** The item's name. */
  name: string;
  /** Mean absolute change of its parameters, or what else items are valued by. */
  value: number;
  /** Parameters that it holds. */
  size: number;
  /** Share of its parameters that changed by more than 2e-4, 0..1. */
  changed: number;
}

export interface SensitivityOptions {
  /** What items are worth. Default: their mean absolute change. */
  value?: ItemValue;
  /** The loss's gradients at the base's weights, by tensor name, for values that need them. */
  gradients?: ReadonlyMap<string, TensorValues>;
}

/**
 * The distortion sensitivity of every item: the mean absolute difference between the base's and the fine-tuned parameters.
 *
 * @param base state of the network before fine-tuning, by tensor name
 * @param tuned state after full fine-tuning at one level
 * @returns one entry per item, in their order
 * @throws E_SPLIT_STATE if a tensor is missing on one side, has another shape, or holds a value that is not finite
 * @source Xie and Kim 2020, Eq. 1; the threshold of `changed` from section 3.2.1
 */
export function sensitivity(
  base: ReadonlyMap<string, TensorValues>,
  tuned: ReadonlyMap<string, TensorValues>,
  items: readonly Item[],
  { value = meanChange, gradients }: SensitivityOptions = {},
): Sensitivity[] {
  return items.map(({ name, tensors, size }) => {
    const sums: ItemChange = { change: 0, weight: 0, effect: 0, count: 0 };
    let changed = 0;
    for (const tensor of tensors) {
      const before = tensorOf(base, tensor, 'the base');
      const after = tensorOf(tuned, tensor, 'the fine-tuned network');
      checkShapes(tensor, before, after);
      changed += addChange(sums, before.data, after.data);
      if (!Number.isFinite(sums.change)) failFinite(tensor, before);
      if (value.needsGradients)
        addEffect(sums, tensorOf(gradients ?? new Map(), tensor, 'the gradients'), before, after);
    }
    const { count } = sums;
    return { name, value: count === 0 ? 0 : value.of(sums), size, changed: count === 0 ? 0 : changed / count };
  });
}

/** @returns how many parameters changed by more than 2e-4 */
function addChange(sums: ItemChange, before: Float32Array, after: Float32Array): number {
  let changed = 0;
  for (let i = 0; i < before.length; i++) {
    const change = Math.abs(before[i]! - after[i]!);
    sums.change += change;
    sums.weight += Math.abs(before[i]!);
    if (change > NEGLIGIBLE_CHANGE) changed++;
  }
  sums.count += before.length;
  return changed;
}

function addEffect(sums: ItemChange, gradient: TensorValues, before: TensorValues, after: TensorValues): void {
  for (let i = 0; i < before.data.length; i++) sums.effect += gradient.data[i]! * (after.data[i]! - before.data[i]!);
}

/** Share of all items' parameters that changed by more than 2e-4, 0..1: the figure that the paper gives beside its Fig. 5. */
export function changedShare(sensitivities: readonly Sensitivity[], total: number): number {
  return sensitivities.reduce((sum, { changed, size }) => sum + changed * size, 0) / total;
}

function tensorOf(state: ReadonlyMap<string, TensorValues>, name: string, side: string): TensorValues {
  return (
    state.get(name) ??
    fail('E_SPLIT_STATE', {
      where: `split.${name}`,
      expected: `this tensor in ${side}`,
      got: 'none of that name',
      todo: 'Give a full fine-tune of the same network.',
    })
  );
}

function checkShapes(name: string, before: TensorValues, after: TensorValues): void {
  if (before.shape.join() === after.shape.join()) return;
  fail('E_SPLIT_STATE', {
    where: `split.${name}`,
    expected: `shape [${before.shape.join(', ')}] as in the base`,
    got: `[${after.shape.join(', ')}]`,
    todo: 'Give a full fine-tune of the same network.',
  });
}

function failFinite(name: string, before: TensorValues): never {
  const side = before.data.every(Number.isFinite) ? 'the fine-tuned network' : 'the base';
  fail('E_SPLIT_STATE', {
    where: `split.${name}`,
    expected: `finite numbers in ${side}`,
    got: 'NaN or infinity',
    todo: 'Train it again with a smaller learning rate.',
  });
}
