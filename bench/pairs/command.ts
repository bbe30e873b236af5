import { existsSync, readFileSync } from 'node:fs';
import { bf16Support, machineSize } from '../../src/engine/cpu.js';
import { putReport } from '../page.js';
import { benchPairs, keyOf } from './bench.js';
import { NETWORKS, type Cell, type PairRow, type What } from './cell.js';
import { noteOf, pairReport } from './report.js';

/** Training has its two networks and one batch; a forward pass all, in both. */
const DEFAULTS = {
  infer: { networks: Object.keys(NETWORKS), batch: '1,8' },
  train: { networks: ownNetworks(), batch: '2' },
};

/**
 * `npm run bench -- infer` and `-- train`: prints the tables of docs/benchmarks.md.
 *
 * @param out a file of rows: what it has is not measured again
 * @param write keeps the rows after each
 */
export async function benchPairsCommand(
  what: What,
  value: (name: string, fallback: string) => string,
  out: string,
  write: (rows: object) => void,
): Promise<void> {
  const list = (name: string, fallback: string): string[] => value(name, fallback).split(',').filter(Boolean);
  const networks = list('networks', DEFAULTS[what].networks.join());
  const unknown = networks.find((name) => !DEFAULTS[what].networks.includes(name));
  if (unknown) throw new Error(`--networks: expected some of ${DEFAULTS[what].networks.join()}, got ${unknown}`);
  const threads = [...new Set(list('threads', `1,${machineSize().threads}`).map(Number))];
  const precisions = list('precision', bf16Support().supported ? 'fp32,bf16' : 'fp32') as Cell['precision'][];
  const cells = networks.flatMap((network) =>
    precisions.flatMap((precision) =>
      list('batch', DEFAULTS[what].batch).flatMap((batch) =>
        threads.map((count): Cell => ({ what, network, batch: Number(batch), threads: count, precision })),
      ),
    ),
  );
  const known = existsSync(out) ? (JSON.parse(readFileSync(out, 'utf8')) as PairRow[]) : [];
  const byKey = new Map(known.map((row) => [keyOf(row), row]));
  const absent = await benchPairs({
    ...{ cells, known, peers: list('peers', 'onnxruntime,OpenVINO,PyTorch') },
    ...{ rounds: Number(value('rounds', '9')), least: Number(value('seconds', '10')) },
    note: (row) => {
      console.error(noteOf(row));
      byKey.set(keyOf(row), row);
      write([...byKey.values()]);
    },
  });
  const report = pairReport([...byKey.values()].filter((row) => row.what === what), absent); // prettier-ignore
  console.log(report);
  const page = value('page', '');
  if (page) await putReport(page, what, report);
}

function ownNetworks(): string[] {
  return Object.keys(NETWORKS).filter((name) => NETWORKS[name]!.own);
}
