import type { Results } from './schema.js';

/** What serves each level of methods whose adaptors have to win first; undefined where there are none. */
export function keptTable({ kept = [] }: Results): { head: string[]; rows: string[][]; text: string } | undefined {
  if (kept.length === 0) return undefined;
  const points = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
  return {
    head: ['level', 'method', 'serves', 'gain', '95% interval'],
    rows: kept.map((row) => [
      row.level,
      row.method,
      row.kept ? 'network and adaptor' : 'network alone',
      points(row.points),
      `${points(row.low)} to ${points(row.high)}`,
    ]),
    text: 'Points that the adaptor gains over the network alone, on training samples that neither was trained on. It serves where the interval lies above 0.',
  };
}
