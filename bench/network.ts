import { join } from 'node:path';
import { packageRoot } from '../src/common/package-root.js';
import { median, peerPython, runJson } from './peer.js';

interface Timing {
  secondsPerStep?: number[];
  secondsPerBatch?: number[];
  residentMegabytes: number;
  peakMegabytes: number;
}

interface PeerTiming {
  seconds: number[];
  residentMegabytes: number;
  peakMegabytes: number;
  torch: string;
}

/** One line of the result: gearnn and its peer in the same run, alternating. */
export interface NetworkRow {
  what: 'train' | 'infer';
  precision: 'fp32' | 'bf16';
  gearnnSeconds: number;
  peerSeconds: number | null;
  /** How many times as fast as PyTorch. */
  speedup: number | null;
  /** Of the process at its end, and at most. */
  gearnnMegabytes: { resident: number; peak: number };
  peerMegabytes: { resident: number; peak: number } | null;
}

const BATCH = { train: 2, infer: 1 };

/**
 * DRN-D-22 at 256x512: gearnn and PyTorch (channels last, autocast for bf16) in turns, so that what else the machine does hits both.
 *
 * @param rounds how often each is started
 * @param steps timed steps in each start
 */
export function benchNetwork({ rounds, steps }: { rounds: number; steps: number }): NetworkRow[] {
  const python = peerPython('torch');
  const cli = join(packageRoot(), 'dist', 'cli', 'main.js');
  const peer = join(packageRoot(), 'bench', 'peers', 'drn_pytorch.py');
  const rows: NetworkRow[] = [];
  for (const what of ['train', 'infer'] as const) {
    for (const precision of ['fp32', 'bf16'] as const) {
      const options = [
        '--size',
        '256x512',
        '--batch',
        String(BATCH[what]),
        '--steps',
        String(steps),
        '--precision',
        precision,
      ];
      const own: Timing[] = [];
      const others: PeerTiming[] = [];
      for (let round = 0; round < rounds; round++) {
        own.push(runJson<Timing>(process.execPath, [cli, 'bench', what, '--model', 'drn-d-22', ...options, '--json']));
        if (python) others.push(runJson<PeerTiming>(python, [peer, what, ...options]));
      }
      const gearnnSeconds = median(own.flatMap((run) => run.secondsPerStep ?? run.secondsPerBatch ?? []));
      const peerSeconds = python ? median(others.flatMap(({ seconds }) => seconds)) : null;
      rows.push({
        what,
        precision,
        gearnnSeconds,
        peerSeconds,
        speedup: peerSeconds === null ? null : peerSeconds / gearnnSeconds,
        gearnnMegabytes: most(own),
        peerMegabytes: python ? most(others) : null,
      });
    }
  }
  return rows;
}

function most(runs: readonly { residentMegabytes: number; peakMegabytes: number }[]): {
  resident: number;
  peak: number;
} {
  return {
    resident: Math.max(...runs.map(({ residentMegabytes }) => residentMegabytes)),
    peak: Math.max(...runs.map(({ peakMegabytes }) => peakMegabytes)),
  };
}
