import { formatFinePoints } from './format.js';
import type { Results } from './schema.js';

/** What serves each level of methods whose adaptors have to win first; undefined where there are none. */
export function keptTable({ kept = [] }: Results): { head: string[]; rows: string[][]; text: string } | undefined {
  if (kept.length === 0) return undefined;
  return {
    head: ['level', 'method', 'serves', 'gain', '95% interval'],
    rows: kept.map((row) => [
      row.level,
      row.method,
      row.kept ? 'network and adaptor' : 'network alone',
      formatFinePoints(row.points),
      `${formatFinePoints(row.low)} to ${formatFinePoints(row.high)}`,
    ]),
    text: 'Points that the adaptor gains over the network alone, on training samples that neither was trained on. It serves where the interval lies above 0.',
  };
}
