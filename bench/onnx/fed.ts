import { loadavg } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../src/common/package-root.js';
import { quantile } from '../../src/common/quantile.js';
import { Side, takeTurns } from '../side.js';
import { filesIn, type Chosen, type ExportedFile } from './files.js';
import { difference, readReference } from './reference.js';

/**
 * What is fed with each frame in the place of constants: nothing; scales and shifts; or every tensor of at most 10,000 values, as servers do, so that
 * any adaptor of such tensors can be next.
 */
export const FED = ['nothing', 'scales', 'small'] as const;
export type FedWhat = (typeof FED)[number];

/** What a side says before its first pass. */
export interface FedReady {
  /** Number of tensors that are fed, and of their values. */
  tensors: number;
  values: number;
  /** The first numbers of its answer. */
  answer: number[];
}

/** Of one way of feeding. */
export interface FedCell {
  tensors: number;
  values: number;
  /** Of a forward pass, the least of all turns. */
  seconds: number;
  /** How many times as long as with nothing fed: quartiles over turns, each of which holds a pass of either. */
  ratio: { low: number; median: number; high: number };
}

/** One network. */
export interface FedRow {
  network: string;
  height: number;
  width: number;
  turns: number;
  fed: Record<FedWhat, FedCell>;
  /** Of the machine, when it was timed: programs that wanted a processor, on the average of a minute. */
  load: number;
}

/** Networks that are timed unless others are named. */
export const NETWORKS: readonly string[] = [
  'torchvision-resnet50',
  'torchvision-mobilenet_v3_large',
  'ppocrv4-det',
  'demo',
];
/** The network that is shipped, at the size of its pictures. */
const DEMO = { network: 'demo', path: join('checkpoints', 'demo'), height: 128, width: 256 };
/** Most that answers may differ by what is fed, as a part of the largest value. */
const CLOSE = 1e-4;
/** Seconds for which a small network goes on being timed. */
const LEAST = 4;

/**
 * What it costs to feed scales and shifts, or all that is small, in the place of constants: processes with the same network take turns, a pass of each.
 *
 * @param steps turns at least, behind two that do not count
 * @param least seconds for which turns go on. Default: 4
 * @param note is called with each row
 * @throws Error where a network gives another answer by what is fed, and for networks that are not there
 */
export async function benchFed(
  options: Chosen & { steps: number; least?: number; note: (row: FedRow) => void },
): Promise<void> {
  const { steps, least = LEAST, note } = options;
  const networks = options.networks?.length ? options.networks : NETWORKS;
  const files = filesIn({ ...options, networks: networks.filter((name) => name !== DEMO.network) });
  for (const network of networks) {
    const found =
      network === DEMO.network ? { ...DEMO, path: join(packageRoot(), DEMO.path) } : placeOf(files, network);
    note(await benchOne(found, steps, least));
  }
}

/** The file of a network that is timed elsewhere too: folded, by the older exporter where there are both. */
function placeOf(files: readonly ExportedFile[], network: string): typeof DEMO {
  const own = files.filter((one) => one.network === network && !one.unwritten && !one.exporter.includes('unfolded'));
  const file = own.find(({ exporter }) => exporter !== 'dynamo') ?? own[0];
  if (!file) throw new Error(`${network}: expected a file that an exporter could write, got none`);
  const [{ shape } = { shape: [] }] = readReference(file.path).inputs.values();
  const [height, width] = shape[3] === 3 ? shape.slice(1, 3) : shape.slice(2);
  return { network, path: file.path, height: height!, width: width! };
}

async function benchOne({ network, path, height, width }: typeof DEMO, steps: number, least: number): Promise<FedRow> {
  const sides = FED.map((what) =>
    Side.start(process.execPath, [...process.execArgv, SIDE, path, what, String(height), String(width)]),
  );
  try {
    const ready: FedReady[] = [];
    for (const side of sides) {
      const one = await side.said<FedReady>();
      if (one.failed !== undefined) throw new Error(`${network}: ${one.failed}`);
      ready.push(one);
    }
    for (const [i, { answer }] of ready.entries()) {
      const apart = difference(answer, ready[0]!.answer);
      if (apart > CLOSE) throw new Error(`${network}: with ${FED[i]} fed its answer differs by ${apart}`);
    }
    const seconds = await takeTurns(sides, steps, least);
    for (const side of sides) await side.end();
    const cells = FED.map((what, i): [FedWhat, FedCell] => {
      const ratios = seconds[i]!.map((taken, turn) => taken / seconds[0]![turn]!);
      const [low, median, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share)) as [number, number, number];
      const { tensors, values } = ready[i]!;
      return [what, { tensors, values, seconds: Math.min(...seconds[i]!), ratio: { low, median, high } }];
    });
    const fed = Object.fromEntries(cells) as Record<FedWhat, FedCell>;
    return { network, height, width, turns: seconds[0]!.length, fed, load: loadavg()[0]! };
  } catch (error) {
    for (const side of sides) side.kill();
    throw error;
  }
}

/** The program beside this one, compiled or not as it is. */
const SIDE = join(dirname(fileURLToPath(import.meta.url)), `fed-side${extname(fileURLToPath(import.meta.url))}`);

/** What `npm run bench -- onnx --fed` prints: one line for each network, in Markdown. */
export function fedReport(rows: readonly FedRow[]): string {
  const head = ['network', 'picture', 'ms', 'scales and shifts', 'ms', 'cost', 'all small tensors', 'ms', 'cost', 'turns', 'load']; // prettier-ignore
  const lines = rows.map(({ network, height, width, turns, fed, load }) => [
    ...[network, `${height}x${width}`, milliseconds(fed.nothing)],
    ...[fed.scales, fed.small].flatMap((cell) => [String(cell.values), milliseconds(cell), cost(cell)]),
    ...[String(turns), load.toFixed(0)],
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...lines.map(line)].join('\n');
}

const milliseconds = ({ seconds }: FedCell): string => (1000 * seconds).toFixed(1);
const percent = (ratio: number): string => `${ratio < 1 ? '' : '+'}${(100 * (ratio - 1)).toFixed(0)}%`;
/** The median of turns, and the quartiles. */
const cost = ({ ratio: { low, median, high } }: FedCell): string =>
  `${percent(median)} (${percent(low)} to ${percent(high)})`;
