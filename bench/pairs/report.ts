import { cpus, totalmem } from 'node:os';
import { bf16Support } from '../../src/engine/cpu.js';
import type { PairRow, Timed } from './cell.js';

/** Most that answers may be apart, as a part of the largest value. */
const CLOSE = { fp32: 1e-3, bf16: 0.1 };

/**
 * The tables of `npm run bench -- infer` and `-- train`, in Markdown, with the machine's name.
 *
 * @param absent what installs the peers that are not there, by name
 */
export function pairReport(rows: readonly PairRow[], absent: ReadonlyMap<string, string>): string {
  const names = [...new Set(rows.flatMap(({ programs }) => Object.keys(programs)))];
  const peers = names.filter((name) => name !== 'gearnn');
  const tables = [
    speeds(rows, names, peers),
    ...['Resident memory in MB, and its peak:', '', cells(rows, names, (timed) => memory(timed)), ''],
    ...['Seconds from the start to the first answer:', '', cells(rows, names, ({ first }) => first.toFixed(1))],
  ];
  return [machine(rows), '', ...tables, '', ...notes(rows, absent)].join('\n');
}

/** One line while it runs. */
export function noteOf(row: PairRow): string {
  const times = Object.entries(row.programs).map(([name, timed]) => `${name} ${shown(timed, milliseconds)}`);
  return `${caseOf(row).join(' ')}: ${times.join(', ')}; load ${row.load.toFixed(1)}`;
}

function machine(rows: readonly PairRow[]): string {
  const loads = rows.map(({ load }) => load);
  const { instructions } = bf16Support();
  const bf16 = instructions.length > 0 ? `bf16 by ${instructions.join(' and ')}` : 'without bf16, so in fp32 alone';
  const versions = new Map<string, string>();
  for (const row of rows) for (const [name, timed] of Object.entries(row.programs)) if ('version' in timed) versions.set(name, timed.version); // prettier-ignore
  const with_ = [...versions].map(([name, version]) => (name === 'gearnn' ? `gearnn on TensorFlow ${version}` : `${name} ${version}`)); // prettier-ignore
  return (
    `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${(totalmem() / 1e9).toFixed(0)} GB, ${bf16}; load ` +
    `${Math.min(...loads).toFixed(0)} to ${Math.max(...loads).toFixed(0)}. ${with_.join(', ')}.`
  );
}

function speeds(rows: readonly PairRow[], names: readonly string[], peers: readonly string[]): string {
  const lines = rows.map((row) => {
    const own = row.programs.gearnn;
    const best = Math.min(...peers.flatMap((name) => secondsOf(row.programs[name]) ?? []));
    const ratio = own && 'seconds' in own && best < Infinity ? (best / own.seconds).toFixed(2) : '';
    return [...caseOf(row), ...names.map((name) => shown(row.programs[name], milliseconds)), ratio];
  });
  const head = [...CASE, ...names, 'times as fast as the best'];
  const text = 'Milliseconds of a pass, medians in turns; over 1 in the last column gearnn is ahead of every peer:';
  return [text, '', table(head, lines), ''].join('\n');
}

function cells(rows: readonly PairRow[], names: readonly string[], show: (timed: Timed) => string): string {
  const lines = rows.map((row) => [...caseOf(row), ...names.map((name) => shown(row.programs[name], show))]);
  return table([...CASE, ...names], lines);
}

const CASE = ['network', 'type', 'batch', 'threads'];
const caseOf = ({ network, precision, batch, threads }: PairRow): string[] => [
  ...[network, precision, String(batch), String(threads)],
];

type Entry = PairRow['programs'][string];

const secondsOf = (entry: Entry | undefined): number | undefined =>
  entry && 'seconds' in entry ? entry.seconds : undefined;

const milliseconds = ({ seconds }: Timed): string => (1000 * seconds).toFixed(seconds < 0.1 ? 1 : 0);

const memory = ({ resident, peak }: Timed): string =>
  resident === null || peak === null ? '' : `${resident.toFixed(0)}, ${peak.toFixed(0)}`;

function shown(entry: Entry | undefined, show: (timed: Timed) => string): string {
  if (!entry) return '-';
  return 'failed' in entry ? 'fails' : show(entry);
}

/** What the tables have no place for. */
function notes(rows: readonly PairRow[], absent: ReadonlyMap<string, string>): string[] {
  const lines = [...absent].map(([name, remedy]) => `${name} is not installed: \`${remedy}\`.`);
  const entries = rows.flatMap((row) => Object.entries(row.programs).map(([name, entry]) => ({ row, name, entry })));
  for (const precision of ['fp32', 'bf16'] as const) {
    const found = entries.flatMap(({ row, entry }) =>
      row.precision === precision && 'difference' in entry && entry.difference !== null ? [entry.difference] : [],
    );
    if (found.length > 0)
      lines.push(
        `Answers in ${precision} are within ${Math.max(...found).toExponential(1)} of onnxruntime's, of the largest value.`,
      );
  }
  for (const { row, name, entry } of entries) {
    const where = `${caseOf(row).join(' ')}, ${name}`;
    if ('failed' in entry) lines.push(`${where}: ${entry.failed.replace(/\s+/g, ' ')}`);
    else if ((entry.difference ?? 0) > CLOSE[row.precision])
      lines.push(`${where}: an answer of its own, ${entry.difference!.toExponential(1)} from onnxruntime's (!)`);
  }
  return lines.flatMap((line, i) => (i === 0 ? [line] : ['', line]));
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (parts: readonly string[]): string => `| ${parts.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i < 2 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
