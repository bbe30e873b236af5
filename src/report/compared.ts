import { averagesOf } from './averages.js';
import type { Results } from './schema.js';

/**
 * Results once for each score that tables and charts are of, the one that networks are compared by first: each has that score in the primary one's
 * place, and averages, intervals and scores over seeds of it alone.
 */
export function comparedResults(results: Results): Results[] {
  const [primary = ''] = results.rows.map((row) => row.primary);
  const { compared = [primary] } = results;
  const all = [primary, ...compared.filter((score) => score !== primary)];
  if (all.length === 1) return [results];
  return all.map((score) => {
    const isOwn = (entry: { score?: string }): boolean => (entry.score ?? primary) === score;
    const rows = results.rows.map((row) => ({ ...row, primary: score }));
    const { seeds } = results;
    return {
      ...{ ...results, rows },
      averages: averagesOf({ ...results, rows }),
      intervals: results.intervals.filter(isOwn),
      ...(seeds && { seeds: { ...seeds, scores: seeds.scores.filter(isOwn) } }),
    };
  });
}
