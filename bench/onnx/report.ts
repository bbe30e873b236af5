import { availableParallelism } from 'node:os';
import type { OnnxRow, SideRow } from './bench.js';

/** Most that an answer may be off, as a part of its largest value. */
const CLOSE = 1e-4;
/** Most that a gradient may. */
const CLOSE_GRADIENT = 1e-5;

/** What `npm run bench -- onnx` prints: the tables of docs/onnx-networks.md, one line for each network, in Markdown. */
export function onnxReport(rows: readonly OnnxRow[]): string {
  const folded = rows.filter(({ exporter }) => !exporter.endsWith('unfolded'));
  const networks = [...new Set(folded.map(({ network }) => network))];
  const head = ['network', 'TorchScript', 'dynamo', 'ms', 'onnxruntime', 'in Node', 'MB', 'onnxruntime', 'in Node'];
  const lines = networks.map((network) => {
    const files = folded.filter((row) => row.network === network);
    const of = (exporter: string): string => shown(files.find((row) => row.exporter === exporter));
    const timed = files.find(({ gearnn }) => gearnn);
    const sides = [timed?.gearnn, timed?.python, timed?.node];
    const packaged = files.find(({ exporter }) => exporter === 'package');
    const answers = packaged ? [shown(packaged), ''] : [of('torchscript'), of('dynamo')];
    return [network, ...answers, ...sides.map(milliseconds), ...sides.map(megabytes)];
  });
  return [
    ...[table(head, lines), ''],
    ...[summary(folded), ''],
    table(['network', 'exporter', 'gradients', 'largest difference'], gradientLines(rows)),
  ].join('\n');
}

/** One line while it runs. */
export function noteOf(row: OnnxRow): string {
  const times = [row.gearnn, row.python, row.node].map(milliseconds).join(' / ');
  const gradients = Object.values(row.gradients ?? {});
  const worst = gradients.length > 0 ? `, gradients ${Math.max(...gradients).toExponential(1)}` : '';
  return `${row.network}.${row.exporter}: ${row.failed ?? shown(row)}${worst}${!row.gearnn ? '' : `, ms ${times}`}`;
}

function summary(all: readonly OnnxRow[]): string {
  const rows = all.filter(({ unwritten }) => !unwritten);
  const answered = rows.filter(({ difference }) => difference !== undefined);
  const close = answered.filter(({ difference }) => difference! <= CLOSE);
  const count = (list: readonly OnnxRow[]): number => new Set(list.map(({ network }) => network)).size;
  const sentences = [
    `${close.length} of ${rows.length} files, of ${count(close)} of ${count(rows)} networks, are within ${CLOSE} of onnxruntime; ${bothOf(close)} are by both exporters.`,
  ];
  const loads = rows.flatMap(({ load }) => load ?? []);
  if (loads.length > 0)
    sentences.push(
      `${loads.length} files were timed on ${availableParallelism()} processors that ${Math.min(...loads).toFixed(0)} to ${Math.max(...loads).toFixed(0)} programs wanted.`,
    );
  for (const [name, key] of [
    ['onnxruntime in Python', 'python'],
    ['onnxruntime-node', 'node'],
  ] as const) {
    const ratios = rows.flatMap(({ gearnn, [key]: peer }) => (gearnn && peer ? [gearnn.seconds / peer.seconds] : []));
    if (ratios.length === 0) sentences.push(`${name} was not there to be timed: bash scripts/onnx-tools.sh`);
    else {
      const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
      const ahead = ratios.filter((ratio) => ratio <= 1).length;
      const near = ratios.filter((ratio) => ratio <= 1.2).length;
      const memory = rows.flatMap(({ gearnn, [key]: peer }) =>
        gearnn && peer ? [gearnn.peakMegabytes / peer.peakMegabytes] : [],
      );
      sentences.push(
        `gearnn takes ${mean.toFixed(2)} times as long as ${name} (geometric mean), less on ${ahead} of ${ratios.length} files and at most 1.2 times as long on ${near}, in ${Math.min(...memory).toFixed(1)} to ${Math.max(...memory).toFixed(1)} times its memory.`,
      );
    }
  }
  const unwritten = all.filter((row) => row.unwritten).map(({ network, exporter }) => `${network}.${exporter}`);
  if (unwritten.length > 0) sentences.push(`PyTorch's exporters could not write ${unwritten.join(', ')}.`);
  const failed = rows.filter((row) => row.failed !== undefined);
  for (const { network, exporter, failed: reason } of failed) sentences.push(`${network}.${exporter}: ${reason}`);
  return sentences.join('\n');
}

/** Networks whose files of both exporters are among the rows. */
function bothOf(rows: readonly OnnxRow[]): number {
  const of = (exporter: string): Set<string> =>
    new Set(rows.filter((row) => row.exporter === exporter).map(({ network }) => network));
  const dynamo = of('dynamo');
  return [...of('torchscript')].filter((network) => dynamo.has(network)).length;
}

function gradientLines(rows: readonly OnnxRow[]): string[][] {
  return rows
    .filter(({ gradients }) => gradients && Object.keys(gradients).length > 0)
    .map(({ network, exporter, gradients }) => {
      const values = Object.values(gradients!);
      const worst = Math.max(...values);
      return [
        network,
        exporter,
        String(values.length),
        `${worst.toExponential(1)}${worst > CLOSE_GRADIENT ? ' (!)' : ''}`,
      ];
    });
}

function shown(row: OnnxRow | undefined): string {
  if (!row || row.unwritten) return '-';
  if (row.difference === undefined) return 'fails';
  return `${row.difference.toExponential(1)}${row.difference > CLOSE ? ' (!)' : ''}`;
}

const milliseconds = (side: SideRow | undefined): string => (side ? (side.seconds * 1000).toFixed(1) : '');
const megabytes = (side: SideRow | undefined): string => (side ? side.peakMegabytes.toFixed(0) : '');

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
