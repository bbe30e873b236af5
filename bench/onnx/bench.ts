import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../src/common/package-root.js';
import { median, peerPython } from '../peer.js';
import { Side } from './turns.js';

/** Of one program. */
export interface SideRow {
  /** Of a forward pass, median. */
  seconds: number;
  peakMegabytes: number;
}

/** One file. */
export interface OnnxRow {
  /** `torchvision-resnet18`, or a packaged file's own name. */
  network: string;
  /** `torchscript`, `dynamo`, either with `.unfolded`, or `package`. */
  exporter: string;
  /** Why gearnn gave no answer, where it gave none. */
  failed?: string;
  /** From onnxruntime's answer, as a part of its largest value. */
  difference?: number;
  /** From PyTorch's gradients, by the names of weights. */
  gradients?: Record<string, number>;
  gearnn?: SideRow;
  python?: SideRow;
  node?: SideRow;
}

interface Ready {
  failed?: string;
  difference: number;
  gradients: Record<string, number>;
  peakMegabytes: number;
}

const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gearnn');
/** So that threads of one, which wait for work a while, do not slow the next. */
const PAUSE = 20;

/**
 * Answers of every ONNX file that bench/onnx/export.py and scripts/onnx-real.sh made, against onnxruntime's; then one forward pass after the
 * other of gearnn and of onnxruntime in Python and Node, in turns.
 *
 * @param steps forward passes that are timed, behind two that are not; 0 for none
 * @param only a part of the names
 */
export async function benchOnnx(options: {
  folder?: string;
  only: string;
  steps: number;
  note: (row: OnnxRow) => void;
}): Promise<void> {
  const folder = options.folder || join(CACHE, 'onnx-networks');
  const all = existsSync(folder) ? readdirSync(folder) : [];
  const files = all.filter((name) => name.endsWith('.onnx') && name.includes(options.only)).sort();
  const python = peerPython('onnxruntime, safetensors');
  for (const file of files) {
    // The two exporters' files of one network take the same time; those with their normalizations left in are there for their gradients.
    const other = file.replace(/\.dynamo\.onnx$/, '.torchscript.onnx');
    const isTimed = !file.includes('.unfolded.') && (other === file || !all.includes(other));
    const row = await benchFile(join(folder, file), isTimed ? options.steps : 0, python);
    options.note(row);
  }
}

async function benchFile(onnx: string, steps: number, python: string | null): Promise<OnnxRow> {
  const [network, ...exporter] = basename(onnx, '.onnx').split('.');
  const row: OnnxRow = { network: network!, exporter: exporter.join('.') };
  const own = Side.start(process.execPath, [...process.execArgv, program('gearnn-side'), onnx]);
  const ready = await own.said<Ready>();
  if (ready.failed) return { ...row, failed: ready.failed };
  const { difference, gradients } = ready;
  Object.assign(row, { difference, gradients });
  if (steps === 0) {
    await own.end();
    return row;
  }
  const sides: Partial<Record<'gearnn' | 'python' | 'node', Side>> = { gearnn: own };
  const peers = join(packageRoot(), 'bench', 'peers');
  if (python) sides.python = Side.start(python, [join(peers, 'onnx_onnxruntime.py'), onnx]);
  const node = join(CACHE, 'onnxruntime-node');
  if (existsSync(join(node, 'node_modules')))
    sides.node = Side.start(process.execPath, [...process.execArgv, program('node-peer'), onnx, node]);
  for (const side of [sides.python, sides.node]) if (side) await side.said();
  const seconds = Object.keys(sides).map((): number[] => []);
  for (let step = -2; step < steps; step++) {
    for (const [i, side] of Object.values(sides).entries()) {
      const taken = await side.turn();
      if (step >= 0) seconds[i]!.push(taken);
      await setTimeout(PAUSE);
    }
  }
  for (const [i, [name, side]] of Object.entries(sides).entries()) {
    const peakMegabytes = await side.end();
    // Gradients were computed in the same process, and are no part of inference.
    const peak = name === 'gearnn' ? ready.peakMegabytes : peakMegabytes;
    row[name as keyof typeof sides] = { seconds: median(seconds[i]!), peakMegabytes: peak };
  }
  return row;
}

/** A program beside this one, compiled or not as it is. */
function program(name: string): string {
  const self = fileURLToPath(import.meta.url);
  return join(dirname(self), `${name}${extname(self)}`);
}
