import { fail } from '../common/errors.js';
import { parseBudget } from './budget.js';

/** Values in memory to serve so many levels. */
export interface Overhead {
  /** One network for all levels. */
  original: number;
  /** The network and a full adaptor for every level but one, which the base serves. */
  adaptive: number;
  /** A network for every level. */
  switching: number;
}

/**
 * What serving N levels takes in memory, before anything is trained: every adaptor fills its budget.
 *
 * @param text `0.2%x10`: the budget of an adaptor, and the number of levels
 * @param total parameters of the network's whole state
 * @throws E_USAGE for another text; E_SPLIT_BUDGET for a budget that is none
 * @source Xie and Kim 2020, Table 1
 */
export function overheadOf(text: string, total: number): Overhead {
  const [, budget, count] = /^(.+)x([1-9]\d{0,5})$/.exec(text.trim()) ?? [];
  if (budget === undefined) {
    fail('E_USAGE', {
      where: '--overhead',
      expected: 'a budget and a number of levels, BUDGETxN',
      got: `"${text}"`,
      todo: 'Write for example 0.2%x10.',
    });
  }
  const levels = Number(count);
  return {
    original: total,
    adaptive: total + (levels - 1) * parseBudget(budget, total),
    switching: levels * total,
  };
}
