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
      servedText(row),
      formatFinePoints(row.points),
      `${formatFinePoints(row.low)} to ${formatFinePoints(row.high)}`,
    ]),
    text: 'Points that the adaptor gains over the network alone, on samples kept apart that neither was trained on. It serves where the interval lies above 0.',
  };
}

function servedText({ kept, share = 1 }: NonNullable<Results['kept']>[number]): string {
  if (!kept) return 'network alone';
  return share === 1 ? 'network and adaptor' : `network and ${share} of the adaptor`;
}
