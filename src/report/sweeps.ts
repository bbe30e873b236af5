import { nameOf } from './rows.js';
import type { Results } from './schema.js';

/** A method that stands with several budgets. */
export interface Sweep {
  /** `adaptor` */
  kind: string;
  /** By rising size. */
  points: { method: string; share: number; score: number }[];
}

/**
 * Mean score over the size of adaptors, of every method that is compared at two budgets and more.
 *
 * @returns sizes as the mean share of an adaptor in the network, in percent
 */
export function sweepsOf(results: Results): Sweep[] {
  const { methods, averages, rows, budget } = results;
  const total = rows.find(({ level }) => level === 'clean')?.parameters;
  if (!averages || total === undefined) return [];
  const kinds = [...new Set(methods.filter(({ resident }) => resident === 'adaptors').map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const entries = methods.filter((entry) => entry.kind === kind && averages.means[entry.name] !== undefined);
    const budgets = new Set(entries.map(({ options }) => options['budget'] ?? budget.text));
    if (budgets.size < 2) return [];
    const points = entries.map(({ name }) => {
      const own = rows.filter(({ method, level }) => method === name && averages.levels.includes(level));
      const added = own.reduce((sum, { parameters }) => sum + parameters - total, 0) / own.length;
      return { method: name, share: (100 * added) / total, score: averages.means[name]! };
    });
    return [{ kind, points: points.sort((a, b) => a.share - b.share) }];
  });
}

/** Means of methods without adaptors, to compare a sweep with: original, switching. */
export function sweepMarks(results: Results): { method: string; score: number }[] {
  return ['original', 'switching', 'mixed'].flatMap((kind) => {
    const method = nameOf(results, kind);
    const score = method === undefined ? undefined : results.averages?.means[method];
    return score === undefined ? [] : [{ method: method!, score }];
  });
}
