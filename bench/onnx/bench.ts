import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../src/common/package-root.js';
import { peerPython } from '../peer.js';
import { Side, takeTurns } from '../side.js';
import { CACHE, filesIn, type Chosen } from './files.js';

/** Of one program. */
export interface SideRow {
  /** Of a forward pass, the least of all turns: what other programs on the machine took is no part of it. */
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
  /** Whether the exporter could not write the file. */
  unwritten?: boolean;
  /** From onnxruntime's answer, as a part of its largest value. */
  difference?: number;
  /** From PyTorch's gradients, by the names of weights. */
  gradients?: Record<string, number>;
  gearnn?: SideRow;
  python?: SideRow;
  node?: SideRow;
  /** Of the machine, when it was timed: programs that wanted a processor, on the average of a minute. */
  load?: number;
}

interface Ready {
  failed?: string;
  difference: number;
  gradients: Record<string, number>;
  peakMegabytes: number;
}

/** Seconds for which a small network goes on being timed: of single passes among other programs, few are undisturbed. */
const LEAST = 4;

/**
 * Answers of every ONNX file that bench/onnx/export.py and scripts/onnx-real.sh made, against onnxruntime's; then one forward pass after the
 * other of gearnn and of onnxruntime in Python and Node, in turns.
 *
 * @param steps forward passes that are timed at least, behind two that are not; 0 for none
 * @param known rows of a run that was interrupted: what they have is not measured again
 * @param note is called with each row in the order of names, with known ones too
 */
export async function benchOnnx(
  options: Chosen & {
    steps: number;
    known: readonly OnnxRow[];
    note: (row: OnnxRow) => void;
  },
): Promise<void> {
  const files = filesIn(options);
  const there = new Set(filesIn({ folder: options.folder }).map(({ path }) => path));
  const python = peerPython('onnxruntime, safetensors');
  for (const { path, network, exporter, unwritten } of files) {
    // The two exporters' files of one network take the same time; those with their normalizations left in are there for their gradients.
    const other = path.replace(/\.dynamo\.onnx$/, '.torchscript.onnx');
    const isTimed = !exporter.includes('unfolded') && (other === path || !there.has(other));
    const steps = isTimed ? options.steps : 0;
    const row: OnnxRow = { network, exporter };
    const known = options.known.find((one) => one.network === network && one.exporter === exporter);
    const isKnown = known?.difference !== undefined && (steps === 0 || known.gearnn !== undefined);
    if (unwritten) options.note({ ...row, unwritten: true });
    else options.note(isKnown ? known : await benchFile(row, path, steps, python));
  }
}

async function benchFile(row: OnnxRow, onnx: string, steps: number, python: string | null): Promise<OnnxRow> {
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
  const seconds = await takeTurns(Object.values(sides), steps, LEAST);
  for (const [i, [name, side]] of Object.entries(sides).entries()) {
    const { peakMegabytes } = await side.end<{ peakMegabytes: number }>();
    // Gradients were computed in the same process, and are no part of inference.
    const peak = name === 'gearnn' ? ready.peakMegabytes : peakMegabytes;
    row[name as keyof typeof sides] = { seconds: Math.min(...seconds[i]!), peakMegabytes: peak };
  }
  row.load = loadavg()[0]!;
  return row;
}

/** A program beside this one, compiled or not as it is. */
function program(name: string): string {
  const self = fileURLToPath(import.meta.url);
  return join(dirname(self), `${name}${extname(self)}`);
}
