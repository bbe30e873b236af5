import type { Estimate } from '../src/pipeline/estimate.js';
import { formatSeconds } from '../src/pipeline/work/workload.js';
import { printTable, stdout } from './output.js';

/** What an experiment is going to take, as a table with its sums below. */
export function printEstimate({ rows, seconds, bytes, peak, load, unmeasured }: Estimate): void {
  if (rows.length === 0) return stdout('Nothing is left to run.');
  printTable(
    rows.map((row) => [
      row.kind,
      row.count,
      row.secondsEach === null ? null : formatSeconds(row.secondsEach),
      row.seconds === null ? null : formatTime(row.seconds),
      row.bytes === null ? null : formatBytes(row.bytes),
      row.how,
    ]),
    {
      head: ['work', 'count', 'each', 'total', 'disk', 'measured'],
      align: ['left', 'right', 'right', 'right', 'right', 'left'],
    },
  );
  const holes = rows.filter((row) => row.seconds === null).map(({ kind }) => kind);
  const rest = Object.entries(unmeasured).map(([kind, count]) => `${count} ${kind}`);
  stdout(
    [
      `In all ${formatTime(seconds)} on this machine with nothing else running, and ${formatBytes(bytes)} of disk for copies.`,
      `The measurements took up to ${formatBytes(peak)} of memory; what a GPU has of its own is not in it.`,
      ...(load.before > load.processors
        ? [
            `Other programs were at work (load ${load.before.toFixed(1)} on ${load.processors} processors): measure again when they are done, these times are too long.`,
          ]
        : []),
      ...(holes.length > 0 ? [`Without: ${holes.join('; ')}, which could not be measured.`] : []),
      ...(rest.length > 0 ? [`Not measured, as they take seconds: ${rest.join(', ')} steps.`] : []),
    ].join('\n'),
  );
}

function formatTime(seconds: number): string {
  if (seconds < 60) return formatSeconds(seconds);
  return seconds < 3600 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function formatBytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
