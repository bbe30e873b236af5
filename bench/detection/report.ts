import { formatTable } from '../../cli/output.js';
import type { DetectionResult } from './bench.js';

const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(1)}%`);

/** The tables of a run, as `npm run bench -- detection` prints them. */
export function detectionReport({ data, pictures, ...result }: DetectionResult): string {
  const seconds = [...new Set(result.grid.map(({ second }) => second))].sort((a, b) => a - b);
  const firsts = [...new Set(result.grid.map(({ first }) => first))];
  const cell = (first: number, second: number): string => {
    const found = result.grid.find((row) => row.first === first && row.second === second);
    return found ? String(Math.round(100 * found.within1)) : '';
  };
  const tables: string[] = [
    `${pictures} pictures of ${data}`,
    formatTable(
      result.single.map((row) => [
        row.encoder,
        String(row.files),
        percent(row.exact),
        row.confidence.toFixed(2),
        row.difference.toFixed(1),
        row.differencePlain.toFixed(1),
        String(row.falseAlarms),
      ]),
      { head: ['saved once', 'files', 'exact', 'confidence', 'off by', 'without logs', 'false alarms'] },
    ),
    formatTable(
      result.double.map((row) => [
        `${row.first}, ${row.second}`,
        String(row.files),
        percent(row.found),
        percent(row.within1),
        percent(row.tooLow),
      ]),
      { head: ['saved twice', 'files', 'found', 'within 1', 'too low'] },
    ),
    formatTable(
      firsts.map((first) => [String(first), ...seconds.map((second) => cell(first, second))]),
      { head: ['% within 1', ...seconds.map(String)] },
    ),
    formatTable(
      result.timing.map((row) => [row.what, row.milliseconds.toFixed(3), row.ofDecode.toFixed(3)]),
      { head: ['time', 'ms', 'of decoding'] },
    ),
    formatTable(
      result.brightness.map((row) => [String(row.factor), row.same.toFixed(3), row.later.toFixed(3)]),
      { head: ['brightness', 'read / true', 'later scene'] },
    ),
  ];
  return tables.join('\n\n');
}
