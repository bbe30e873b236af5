import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../src/common/package-root.js';
import { bf16Support } from '../src/engine/cpu.js';
import { median, peerPython, runJson, runText } from './peer.js';

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
}

interface Memory {
  /** Of the process at its end. */
  resident: number;
  peak: number;
}

/** One line of the result: gearnn and a peer in the same run, in turns. */
export interface NetworkRow {
  what: 'train' | 'infer';
  precision: 'fp32' | 'bf16';
  peer: string;
  gearnnSeconds: number;
  peerSeconds: number | null;
  /** How many times as fast as the peer. */
  speedup: number | null;
  gearnnMegabytes: Memory;
  peerMegabytes: Memory | null;
}

/** A program that does the same; `run` times it, and is missing where it is not installed. */
interface Peer {
  name: string;
  does(what: 'train' | 'infer', precision: 'fp32' | 'bf16'): boolean;
  run?: (what: string, options: readonly string[]) => PeerTiming;
}

const BATCH = { train: 2, infer: 1 };
const SIZE = ['--size', '256x512'];

/**
 * DRN-D-22 at 256x512: gearnn, PyTorch (channels last, autocast for bf16) and onnxruntime (inference in fp32) in turns, so that what else the
 * machine does hits all of them.
 *
 * @param rounds how often each is started
 * @param steps timed steps in each start
 */
export function benchNetwork({ rounds, steps }: { rounds: number; steps: number }): NetworkRow[] {
  const cli = join(packageRoot(), 'dist', 'cli', 'main.js');
  const folder = mkdtempSync(join(tmpdir(), 'gearnn-bench-'));
  try {
    const all = [pytorch(), onnxruntime(folder)];
    const rows: NetworkRow[] = [];
    // A processor without bf16 arithmetic refuses it.
    const precisions = bf16Support().supported ? (['fp32', 'bf16'] as const) : (['fp32'] as const);
    for (const what of ['train', 'infer'] as const) {
      for (const precision of precisions) {
        const shared = [...SIZE, '--batch', String(BATCH[what]), '--steps', String(steps)];
        const options = [...shared, '--precision', precision];
        const peers = all.filter(({ does }) => does(what, precision));
        const own: Timing[] = [];
        const others = peers.map((): PeerTiming[] => []);
        for (let round = 0; round < rounds; round++) {
          const call = [cli, 'bench', what, '--model', 'drn-d-22', ...options, '--json'];
          own.push(runJson<Timing>(process.execPath, call));
          peers.forEach(({ run }, i) => run && others[i]!.push(run(what, options)));
        }
        const gearnnSeconds = median(own.flatMap((run) => run.secondsPerStep ?? run.secondsPerBatch ?? []));
        peers.forEach(({ name }, i) => {
          const timings = others[i]!;
          const peerSeconds = timings.length > 0 ? median(timings.flatMap(({ seconds }) => seconds)) : null;
          rows.push({
            ...{ what, precision, peer: name, gearnnSeconds, peerSeconds },
            speedup: peerSeconds === null ? null : peerSeconds / gearnnSeconds,
            gearnnMegabytes: most(own),
            peerMegabytes: timings.length > 0 ? most(timings) : null,
          });
        });
      }
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function pytorch(): Peer {
  const python = peerPython('torch');
  const program = join(packageRoot(), 'bench', 'peers', 'drn_pytorch.py');
  return {
    name: 'PyTorch',
    does: () => true,
    run: python ? (what, options) => runJson(python, [program, what, ...options]) : undefined,
  };
}

/** @param folder where the network is written as ONNX, by PyTorch */
function onnxruntime(folder: string): Peer {
  const python = peerPython('torch, onnx, onnxruntime');
  const program = join(packageRoot(), 'bench', 'peers', 'drn_onnxruntime.py');
  const file = join(folder, 'drn.onnx');
  if (python) runText(python, [program, 'export', file, ...SIZE]);
  return {
    name: 'onnxruntime',
    does: (what, precision) => what === 'infer' && precision === 'fp32',
    run: python ? (what, options) => runJson(python, [program, what, file, ...options.slice(0, -2)]) : undefined,
  };
}

function most(runs: readonly { residentMegabytes: number; peakMegabytes: number }[]): Memory {
  return {
    resident: Math.max(...runs.map(({ residentMegabytes }) => residentMegabytes)),
    peak: Math.max(...runs.map(({ peakMegabytes }) => peakMegabytes)),
  };
}
