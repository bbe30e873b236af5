import { fail } from '../common/errors.js';

/**
 * Parameters that a budget allows: `31814`, or `0.2%` of the network's state, rounded down.
 *
 * Percentages are computed on the decimal digits, so that `0.29%` of 10,000 is 29 and not 28.
 *
 * @param total parameters of the network's whole state
 * @throws E_SPLIT_BUDGET if the text is neither, or above 100%
 */
export function parseBudget(text: string, total: number): number {
  const percent = /^(\d+)(?:\.(\d+))?%$/.exec(text.trim());
  if (percent) {
    const [, whole, fraction = ''] = percent;
    const scale = 10n ** BigInt(fraction.length + 2);
    const share = BigInt(whole! + fraction);
    if (share > scale) failBudget(text);
    return Number((share * BigInt(total)) / scale);
  }
  const count = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(count) ? count : failBudget(text);
}

/** Whether {@link parseBudget} reads a text, whatever the network. */
export function isBudget(text: string): boolean {
  try {
    parseBudget(text, 1);
    return true;
  } catch {
    return false;
  }
}

function failBudget(text: string): never {
  fail('E_SPLIT_BUDGET', {
    where: 'split.budget',
    expected: 'a number of parameters or a percentage from 0% to 100%',
    got: `"${text}"`,
    todo: 'Write for example 31814 or 0.2%.',
  });
}
