import { fail } from '../common/errors.js';

/** @throws E_DATA_SPLIT always */
export function failSplit(spec: string, split: string, splits: string[]): never {
  fail('E_DATA_SPLIT', {
    where: spec,
    expected: `one of its splits (${splits.join(', ')})`,
    got: `"${split}"`,
  });
}
